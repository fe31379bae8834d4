import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nightlyBackup } from '../../programs/platform/values/velero.js';
import { bucketStore } from '../../sandbox/aws/kubernetes/bucket.js';
import { bucket as bucketType } from '../../sandbox/aws/types/tokens.js';
import { Journal } from '../../sandbox/inventory/journal.js';
import { ClusterApi } from '../../sandbox/kubernetes/api-server/cluster-api.js';
import { velero } from '../../sandbox/kubernetes/controllers/velero/index.js';
import { isRecord, stringAt, valueAt, type JsonRecord, type KubeObject } from '../../sandbox/kubernetes/json.js';
import { isNotFound } from '../../sandbox/kubernetes/provider/api-client.js';
import { releaseObjects } from '../../sandbox/kubernetes/provider/release-objects.js';
import { AwsConnection } from '../../worker/cloud/aws/connection.js';
import { BucketStore } from '../../worker/cloud/aws/private-store.js';
import { copyBackup } from '../../worker/operation/objects/copy-backup.js';
import { restoreSpec } from '../../worker/operation/phases/restore-objects.js';
import { specOf } from '../support/infrastructure-input.js';
import { until } from '../support/until.js';
import { startAwsAlone, type AwsAlone } from '../integration/sandbox/aws-alone.js';
import { startRealCluster, type RealCluster } from '../integration/sandbox-kubernetes/real-cluster.js';
import { startVelero, type RealVelero } from './real-velero.js';

const [from, to] = ['shop-a1b2c3-backups', 'next-d4e5f6-backups'] as const;
const of = { name: 'shop', uid: 'a1b2c3d4e5f6' };
/** What the service asks Velero for. */
const asked = (backupName: string): JsonRecord => ({ ...restoreSpec({ namespaces: ['shop'], existing: 'keep' }, backupName) });
const before = { ...process.env };
let aws: AwsAlone;
let source: RealCluster;
let target: RealCluster;
const servers: RealVelero[] = [];
let folder: string;
const journals: Journal[] = [];

/** What the team has. @param namespace whose it is */
const shop = (namespace: string): KubeObject[] => [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: { team: 'payments' } } },
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'prices', namespace }, data: { tea: '2' } },
  { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'card', namespace }, data: { pin: 'MTIz' } },
  { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace }, spec: { selector: { app: 'web' }, ports: [{ port: 80, protocol: 'TCP' }] } },
  {
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace },
    spec: { replicas: 2, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'web:1' }] } } },
  },
];

/** Asks a real Velero for something and waits for its end. */
async function done({ client }: RealCluster, kind: 'Backup' | 'Restore', name: string, spec: JsonRecord): Promise<KubeObject> {
  const object = { apiVersion: 'velero.io/v1', kind, metadata: { name, namespace: 'velero' }, spec };
  await client.apply(object, 'test', true);
  let seen = await client.get(object, 'velero', name);
  await until(async () => stringAt(seen = await client.get(object, 'velero', name), 'status', 'completionTimestamp') !== undefined || stringAt(seen, 'status', 'phase') === 'FailedValidation', 120_000).catch((error: unknown) => {
    throw new Error(servers.map((server) => server.log()).join('\n'), { cause: error });
  });
  return seen;
}

async function found({ client }: RealCluster, apiVersion: string, kind: string, namespace: string | undefined, name: string): Promise<KubeObject | undefined> {
  return client.get({ apiVersion, kind }, namespace, name).catch((error: unknown) => (isNotFound(error) ? undefined : Promise.reject(error instanceof Error ? error : new Error(String(error)))));
}

/** A simulated cluster whose backups lie in a bucket. */
async function simulated(bucket: string): Promise<ClusterApi> {
  const journal = await Journal.open(path.join(folder, `${bucket}.jsonl`));
  journals.push(journal);
  const api = new ClusterApi(journal, () => Date.now(), { workloadStart: 0, namespaceEnd: 0 }, velero({ backupStore: (name) => bucketStore(aws.aws.cloud, name) }));
  const values = { configuration: { backupStorageLocation: [{ name: 'default', provider: 'aws', bucket, prefix: 'velero', default: true }] } };
  for (const object of [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'velero' } }, ...releaseObjects({ name: 'velero', namespace: 'velero', chart: 'velero', version: '12.1.0', values })]) api.apply(object);
  return api;
}

function simulatedDone(api: ClusterApi, kind: 'Backup' | 'Restore', name: string, spec: JsonRecord): KubeObject | undefined {
  api.settle();
  api.apply({ apiVersion: 'velero.io/v1', kind, metadata: { name, namespace: 'velero' }, spec });
  api.settle();
  return api.find('velero.io/v1', kind, name, 'velero');
}

const store = (bucket: string): BucketStore => new BucketStore(new AwsConnection('eu-west-1', undefined, { s3: aws.aws.endpoint }), bucket);
const copy = (backup: string): Promise<string> => copyBackup(store(from), store(to), { backup, of, namespaces: ['shop'] }, { signal: new AbortController().signal, onProgress: () => undefined });
const available = ({ client }: RealCluster): Promise<void> =>
  until(async () => stringAt(await client.get({ apiVersion: 'velero.io/v1', kind: 'BackupStorageLocation' }, 'velero', 'default'), 'status', 'phase') === 'Available', 120_000);

beforeAll(async () => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'sandbox', AWS_SECRET_ACCESS_KEY: 'sandbox' });
  folder = await mkdtemp(path.join(os.tmpdir(), 'real-velero-'));
  [aws, source, target] = [await startAwsAlone(), await startRealCluster(), await startRealCluster()];
  for (const bucket of [from, to]) await aws.create(bucketType, { bucket });
  servers.push(await startVelero(source, from, aws.aws.endpoint));
  for (const object of shop('shop')) await source.client.apply(object, 'team', true);
  await available(source);
  // What the cluster itself makes in a namespace is there by then, and is in the backup.
  await until(async () => (await found(source, 'v1', 'ServiceAccount', 'shop', 'default')) !== undefined, 60_000);
}, 300_000);
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await Promise.all([source.stop(), target.stop(), aws.stop()]);
  for (const journal of journals) await journal.close();
  await rm(folder, { recursive: true });
  process.env = before;
}, 60_000);

describe('a namespace that Velero has backed up', () => {
  it('comes back when it was deleted', async () => {
    const backup = await done(source, 'Backup', 'before', nightlyBackup(await specOf('production')));
    expect(backup['status']).toMatchObject({ phase: 'Completed', version: 1, formatVersion: '1.1.0' });
    await source.client.call('DELETE', '/api/v1/namespaces/shop');

    const restore = await done(source, 'Restore', 'back', asked('before'));

    expect(restore['status']).toMatchObject({ phase: 'Completed' });
    expect((await found(source, 'v1', 'Secret', 'shop', 'card'))?.['data']).toEqual({ pin: 'MTIz' });
    expect((await found(source, 'v1', 'Namespace', undefined, 'shop'))?.metadata.labels).toMatchObject({ team: 'payments' });
    expect(valueAt(await found(source, 'apps/v1', 'Deployment', 'shop', 'web'), 'spec', 'replicas')).toBe(2);
    expect(valueAt(await found(source, 'v1', 'Service', 'shop', 'web'), 'spec', 'ports')).toMatchObject([{ port: 80 }]);
    expect((await found(source, 'v1', 'ConfigMap', 'shop', 'prices'))?.metadata.labels).toMatchObject({ 'velero.io/backup-name': 'before', 'velero.io/restore-name': 'back' });
  }, 240_000);
});

describe('a backup that was copied into another cluster\'s store', () => {
  let [real, stood] = ['', ''];
  it('is found there by Velero, and brings its namespace into that cluster, whoever has written it', async () => {
    const api = await simulated(from);
    for (const object of shop('shop')) api.apply(object);
    expect(simulatedDone(api, 'Backup', 'simulated', { includedNamespaces: ['shop'] })?.['status']).toMatchObject({ phase: 'Completed', progress: { totalItems: 6 } });
    [real, stood] = [await copy('before'), await copy('simulated')];

    servers.push(await startVelero(target, to, aws.aws.endpoint));
    for (const name of [real, stood]) await until(async () => (await found(target, 'velero.io/v1', 'Backup', 'velero', name)) !== undefined, 120_000);
    await available(target);

    const whole = await done(target, 'Restore', 'of-real', asked(real));
    expect(whole['status']).toMatchObject({ phase: 'Completed' });
    expect((await found(target, 'v1', 'Secret', 'shop', 'card'))?.['data']).toEqual({ pin: 'MTIz' });
    const other = await done(target, 'Restore', 'of-simulated', { ...asked(stood), namespaceMapping: { shop: 'shop-simulated' } });
    expect(other['status']).toMatchObject({ phase: 'Completed', progress: { totalItems: 6, itemsRestored: 6 } });
    expect((await found(target, 'v1', 'Secret', 'shop-simulated', 'card'))?.['data']).toEqual({ pin: 'MTIz' });
    expect(valueAt(await found(target, 'apps/v1', 'Deployment', 'shop-simulated', 'web'), 'spec', 'replicas')).toBe(2);
  }, 300_000);

  it('is found and read by the stand-in of simulated clusters as well', async () => {
    const api = await simulated(to);
    const restore = simulatedDone(api, 'Restore', 'of-real', asked(real));
    expect(restore?.['status']).toMatchObject({ phase: 'Completed' });
    expect(api.find('v1', 'Secret', 'card', 'shop')?.['data']).toEqual({ pin: 'MTIz' });
    // What it tells of a Restore has the fields that Velero tells.
    const told = (object: KubeObject | undefined): string[] => (isRecord(object?.['status']) ? Object.keys(object['status']) : []);
    const theirs = await found(target, 'velero.io/v1', 'Restore', 'velero', 'of-simulated');
    expect(told(theirs)).toEqual(expect.arrayContaining(told(restore).filter((field) => !['warnings', 'errors'].includes(field))));
  });
});
