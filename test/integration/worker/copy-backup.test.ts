import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { azureBackupContainer, azureBackupContainerUrl, azureStorageAccount } from '../../../model/clouds/azure.js';
import { clusterTags, physicalName } from '../../../model/names.js';
import { serviceGrants } from '../../../programs/azure/policies/nodes.js';
import { bucket } from '../../../sandbox/aws/types/tokens.js';
import { serviceIdentity, subscriptionId } from '../../../sandbox/azure/cloud.js';
import { startAzure, type AzurePart } from '../../../sandbox/azure/index.js';
import { admitNew } from '../../../sandbox/azure/lifecycle.js';
import { resourceType } from '../../../sandbox/azure/types/index.js';
import * as tokens from '../../../sandbox/azure/types/tokens.js';
import type { PropertyMap } from '../../../sandbox/protocol/index.js';
import { openSandbox, type Sandbox } from '../../../sandbox/sandbox.js';
import { AwsConnection } from '../../../worker/cloud/aws/connection.js';
import { BucketStore } from '../../../worker/cloud/aws/private-store.js';
import { AzureCloud } from '../../../worker/cloud/azure/index.js';
import { AzureConnection } from '../../../worker/cloud/azure/connection.js';
import { ContainerStore } from '../../../worker/cloud/azure/private-store.js';
import type { PrivateStore } from '../../../worker/cloud/private-store.js';
import { copyBackup } from '../../../worker/operation/objects/copy-backup.js';
import { azureSandboxAccount } from '../../support/infrastructure-input.js';
import { startAwsAlone, type AwsAlone } from '../sandbox/aws-alone.js';

const cluster = { name: 'pay', uid: 'u1b2c3d4e5f6' };
const blobRoles = { 'object-reader': '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1', 'object-writer': 'ba92f5b4-2d11-453d-a403-e96b0029c9fe' };

let home: string;
let sandbox: Sandbox;
let azure: AzurePart;
let aws: AwsAlone;
let onS3: PrivateStore;
let onBlobs: PrivateStore;
const before = { ...process.env };

const make = (token: string, inputs: PropertyMap) => admitNew(azure.cloud, resourceType(token), 'westeurope', inputs);

beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'copy-'));
  sandbox = await openSandbox(home, 0);
  [azure, aws] = [await startAzure(sandbox), await startAwsAlone()];
  Object.assign(process.env, azure.environment, { AWS_ACCESS_KEY_ID: 'sandbox', AWS_SECRET_ACCESS_KEY: 'sandbox', AZURE_ENDPOINT_URL: azure.endpoint });
  onS3 = new BucketStore(new AwsConnection('eu-west-1', undefined, { s3: aws.aws.endpoint }), await aws.create(bucket, { bucket: 'pay-u1b2c3-backups' }));
  const place = { resourceGroupName: physicalName(cluster, 'group') };
  const accountName = azureStorageAccount(cluster, 'backups');
  make(tokens.resourceGroup, { ...place, location: 'westeurope', tags: clusterTags({ ...cluster, installation: 'i1' }, 'group') });
  make(tokens.storageAccount, { ...place, location: 'westeurope', accountName, kind: 'StorageV2', sku: { name: 'Standard_ZRS' }, allowBlobPublicAccess: false, networkRuleSet: { bypass: 'None', defaultAction: 'Allow' } });
  const container = make(tokens.blobContainer, { ...place, accountName, containerName: azureBackupContainer, publicAccess: 'None' });
  // The rights that a cluster's program gives the service, and no more.
  const subjects = { vaults: { 'control-plane': '', join: '', provisioner: '' }, container: container.id } as unknown as Parameters<typeof serviceGrants>[0];
  for (const { role, condition } of serviceGrants(subjects).filter(({ scope }) => scope === container.id)) {
    make(tokens.roleAssignment, {
      roleAssignmentName: crypto.randomUUID(), scope: container.id, principalId: serviceIdentity.objectId, principalType: 'ServicePrincipal', conditionVersion: '2.0', ...(condition === undefined ? {} : { condition }),
      roleDefinitionId: `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${'builtIn' in role ? blobRoles['object-reader'] : blobRoles['object-writer']}`,
    });
  }
  onBlobs = new ContainerStore(AzureConnection.of(azureSandboxAccount), azureBackupContainerUrl(cluster));
});
afterAll(async () => {
  await Promise.all([azure.close(), aws.stop()]);
  await sandbox.journal.close();
  await rm(home, { recursive: true });
  process.env = before;
});

const put = (store: PrivateStore, key: string, content: Buffer): Promise<void> => store.put(key, { stream: Readable.from([content]), sizeBytes: content.length });
const bytes = async (store: PrivateStore, key: string): Promise<Buffer | undefined> => {
  const found = await store.open(key);
  return found && buffer(found.stream);
};

describe('a backup of objects', () => {
  it.each([['S3', 'Blob Storage'], ['Blob Storage', 'S3']])('is copied from %s to %s, byte for byte', async (from, to) => {
    const storeOf = (kind: string): PrivateStore => (kind === 'S3' ? onS3 : onBlobs);
    const [source, target] = [storeOf(from), storeOf(to)];
    const backup = from === 'S3' ? 'from-s3' : 'from-blobs';
    // Larger than what any part of the way keeps in memory at once, and no text.
    const objects = Buffer.alloc(3_000_000, Buffer.from([0, 255, 13, 10, 128, 7]));
    const folder = `velero/backups/${backup}`;
    await source.write(`${folder}/velero-backup.json`, { kind: 'Backup', metadata: { name: backup } });
    await put(source, `${folder}/${backup}.tar.gz`, objects);
    await put(source, `${folder}/${backup}-podvolumebackups.json.gz`, gzipSync(JSON.stringify([{ metadata: { name: `${backup}-1` }, spec: { pod: { namespace: backup } } }])));
    for (const [blob, content] of [['kopia.repository', '{"uniqueID":"one"}'], ['p1', 'pack'], ['empty', '']] as const) await put(source, `velero/kopia/${backup}/${blob}`, Buffer.from(content));
    const told: [number, number][] = [];

    const name = await copyBackup(source, target, { backup, of: cluster, namespaces: [backup] }, { signal: new AbortController().signal, onProgress: (...progress) => told.push(progress) });

    expect((await bytes(target, `velero/backups/${name}/${name}.tar.gz`))?.equals(objects)).toBe(true);
    expect((await target.list(`velero/kopia/${backup}/`)).map(({ key, sizeBytes }) => [key.slice(key.lastIndexOf('/') + 1), sizeBytes])).toEqual([['empty', 0], ['kopia.repository', 18], ['p1', 4]]);
    expect(JSON.parse(await target.read(`velero/backups/${name}/velero-backup.json`) ?? '')).toMatchObject({ metadata: { name } });
    expect(told.at(-1)).toEqual([4, 4]);
    expect(await target.open(`velero/backups/${name}/none`)).toBeUndefined();
  });

  it('is put nowhere else in the store of a cluster on Azure', async () => {
    await expect(onBlobs.write('etcd/mine.json', {})).rejects.toMatchObject({ code: 'cloud-credentials' });
    await expect(onBlobs.write('velero/restores/mine.json', {})).rejects.toMatchObject({ code: 'cloud-credentials' });
  });
});

describe('the service, with the rights that the program for Azure gives it', () => {
  it('meets the nodes: reads what they tell, orders them, and has new ones begin with a snapshot', async () => {
    const cloud = new AzureCloud({ ...cluster, region: 'westeurope' }, azureSandboxAccount);
    expect([await cloud.nodeSteps(), await cloud.expiries(), await cloud.etcdSnapshots()]).toEqual([[], [], []]);
    await cloud.giveOrder('cp-1', { id: 'job.save', task: 'etcd-snapshot', arguments: [] });
    expect([await cloud.orderOf('cp-1'), await cloud.orderAnswer('cp-1')]).toEqual([expect.objectContaining({ id: 'job.save' }), undefined]);

    expect(await cloud.restoration()).toBeUndefined();
    await cloud.askRestoration({ id: 'job', from: 'etcd/2026-11-29T10-03-11Z' });
    expect(await cloud.restoration()).toEqual({ id: 'job', from: 'etcd/2026-11-29T10-03-11Z' });
    await cloud.askRestoration(undefined);
    expect(await cloud.restoration()).toBeUndefined();
  });
});
