import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobRequest } from '../../../model/job-request.js';
import { apiServerPort, endpointName } from '../../../model/names.js';
import { Journal } from '../../../sandbox/inventory/journal.js';
import { ClusterApi } from '../../../sandbox/kubernetes/api-server/cluster-api.js';
import { ApiServer } from '../../../sandbox/kubernetes/api-server/server.js';
import type { KubeObject } from '../../../sandbox/kubernetes/json.js';
import { packArchive } from '../../../sandbox/kubernetes/controllers/velero/archive.js';
import { CertificateAuthority } from '../../../sandbox/kubernetes/pki.js';
import type { OperationContext } from '../../../worker/operation/context.js';
import { resourceModifiers } from '../../../worker/operation/objects/at-rest.js';
import { onDemandName, saveObjects } from '../../../worker/operation/objects/save-objects.js';
import { seenBackups } from '../../../worker/operation/objects/seen-backups.js';
import { compareObjects } from '../../../worker/operation/phases/compare-objects.js';
import { restoreObjects } from '../../../worker/operation/phases/restore-objects.js';
import { someCluster, someJob } from '../../support/records.js';
import { StoreInMemory } from '../../support/store-in-memory.js';

const { cluster } = someCluster('demo');
const never = new AbortController().signal;
const definition = (kind: string, plural: string): KubeObject => ({
  apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: `${plural}.velero.io` },
  spec: {
    group: 'velero.io', scope: 'Namespaced', names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } }],
  },
});
const phaseOf = ({ status }: KubeObject): unknown => (status !== null && typeof status === 'object' && 'phase' in status ? status['phase'] : undefined);

let home: string;
let journal: Journal;
let api: ClusterApi;
let server: ApiServer;
let connection: { endpoint: string; address: string; certificateAuthority: string };
let provisioner: { certificate: string; key: string; notAfter: string };
/** What becomes of what Velero is asked for: its statuses, one for each time that it is looked at. */
let outcomes: Record<string, unknown>[];
const store = new StoreInMemory();
const texts: string[] = [];
const progress: unknown[] = [];

beforeEach(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'objects-'));
  journal = await Journal.open(path.join(home, 'objects.jsonl'));
  [outcomes, texts.length, progress.length] = [[], 0, 0];
  store.objects.clear();
  // In Velero's place: it takes up what is new, and goes from one status to the next.
  api = new ClusterApi(journal, () => Date.now(), { workloadStart: 0, namespaceEnd: 0 }, (at) => {
    for (const kind of ['backups', 'restores']) {
      for (const object of at.objects(`velero.io/${kind}`)) {
        const next = ['Completed', 'PartiallyFailed', 'Failed', 'FailedValidation'].some((phase) => phase === phaseOf(object)) ? undefined : outcomes.shift();
        if (next !== undefined) at.put(`velero.io/${kind}`, { ...object, status: next });
      }
    }
  });
  for (const [kind, plural] of [['Backup', 'backups'], ['Restore', 'restores']] as const) api.apply(definition(kind, plural));
  api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'velero' } });
  const authority = await CertificateAuthority.create('demo');
  const host = `127.77.${randomInt(256)}.${randomInt(1, 255)}`;
  const name = endpointName(cluster.spec.name, cluster.spec.network.domain);
  server = await ApiServer.start(api, { host, port: apiServerPort, server: await authority.issueServer([name], [host]), authority: authority.certificate, release: '1.35.0' });
  provisioner = { ...await authority.issueClient('clusterwright:provisioner', 'clusterwright:provisioners', Date.now(), Date.now() + 3_600_000), notAfter: '2027-01-01T00:00:00.000Z' };
  connection = { endpoint: `https://${name}:6443`, address: host, certificateAuthority: authority.certificate };
});
afterEach(async () => {
  await server.stop();
  await journal.close();
  await rm(home, { recursive: true });
});

/** An operation on the cluster, as far as these parts look at it. */
function operation(kind: 'backup' | 'restore-objects' | 'cluster-drill', request?: JobRequest, source?: StoreInMemory): OperationContext {
  const job = someJob(kind, cluster);
  const context: Pick<OperationContext, 'job' | 'spec' | 'connection' | 'report'> & { cloud: unknown; source: unknown } = {
    job: request === undefined ? job : { ...job, intent: { ...job.intent, request } }, spec: cluster.spec, connection,
    report: (message) => {
      if (message.type === 'event' && message.event.type === 'message') texts.push(message.event.text);
      if (message.type === 'progress') progress.push([message.done, message.total]);
    },
    cloud: { secrets: () => Promise.resolve({ provisioner }), store: () => Promise.resolve(store), etcdSnapshots: () => Promise.resolve([]) },
    source: source && { store: () => Promise.resolve(source) },
  };
  return context as OperationContext;
}

/** What Velero keeps of one, as its store tells it. */
const saved = (name: string, status: Record<string, unknown> = { phase: 'Completed' }): KubeObject =>
  ({ apiVersion: 'velero.io/v1', kind: 'Backup', metadata: { name, namespace: 'velero', creationTimestamp: '2026-11-29T02:17:00Z' }, spec: { excludedNamespaces: ['monitoring'] }, status });

describe('saving objects', () => {
  it('has Velero do what it does every night, under a name of the job\'s own, and follows it to its end', async () => {
    outcomes = [{ phase: 'InProgress', progress: { totalItems: 9, itemsBackedUp: 4 } }, { phase: 'Completed', progress: { totalItems: 9, itemsBackedUp: 9 }, startTimestamp: '2026-11-30T09:00:00Z' }];
    const context = operation('backup');

    await saveObjects(context, never);

    const [made] = api.objects('velero.io/backups');
    expect(made).toMatchObject({ metadata: { name: onDemandName(context.job), namespace: 'velero' }, spec: { ttl: '720h0m0s', storageLocation: 'default', excludedNamespaces: ['kube-node-lease', 'monitoring', 'logging', 'velero'] } });
    expect(progress.at(-1)).toEqual([9, 9]);
    expect(texts).toEqual([expect.stringContaining(`velero/${onDemandName(context.job)}`)]);
    store.objects.set(`velero/backups/${onDemandName(context.job)}/velero-backup.json`, Buffer.from('12345'));
    expect((await seenBackups(context)).backups).toMatchObject([{ id: `velero/${onDemandName(context.job)}`, of: 'objects', state: 'completed', sizeBytes: 5, items: 9 }]);
  });

  it('follows the one that an attempt before has asked for', async () => {
    const context = operation('backup');
    api.apply({ ...saved(onDemandName(context.job)), metadata: { name: onDemandName(context.job), namespace: 'velero', labels: { first: 'attempt' } } });

    await saveObjects(context, never);

    expect(api.objects('velero.io/backups').map(({ metadata: { labels } }) => labels)).toEqual([{ first: 'attempt' }]);
  });

  it('ends with what Velero says where it could not save all', async () => {
    outcomes = [{ phase: 'PartiallyFailed', errors: 2, warnings: 1, failureReason: 'the volume is gone' }];

    await expect(saveObjects(operation('backup'), never)).rejects.toMatchObject({ code: 'objects-not-saved', message: expect.stringMatching(/PartiallyFailed, with 2 errors and 1 warning: the volume is gone/) as string });
  });

  it('ends when it is told to, and leaves the backup to Velero', async () => {
    outcomes = [{ phase: 'InProgress' }];
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 500);

    await expect(saveObjects(operation('backup'), abort.signal)).rejects.toMatchObject({ name: 'AbortError' });
    expect(api.objects('velero.io/backups')).toHaveLength(1);
  });
});

describe('bringing objects back', () => {
  const request: Extract<JobRequest, { kind: 'restore-objects' }> = { kind: 'restore-objects', backup: 'nightly', source: null, namespaces: ['payments'], existing: 'keep' };

  it('has Velero restore the namespaces from the cluster\'s own backup', async () => {
    api.apply(saved('nightly'));
    outcomes = [{ phase: 'Completed', progress: { totalItems: 3, itemsRestored: 3 } }];
    const context = operation('restore-objects', request);

    await restoreObjects.run(context, never);

    expect(api.objects('velero.io/restores')).toMatchObject([{ metadata: { name: `restore-${context.job.id.toLowerCase()}` }, spec: { backupName: 'nightly', includedNamespaces: ['payments'], existingResourcePolicy: 'none' } }]);
  });

  it('copies another cluster\'s backup, waits until Velero shows it, and has claims of the other cloud get the class of this one', async () => {
    const source = new StoreInMemory({ 'velero/backups/nightly/velero-backup.json': JSON.stringify({ kind: 'Backup', metadata: { name: 'nightly' } }), 'velero/backups/nightly/nightly.tar.gz': 'objects' });
    const name = 'other-abc123.nightly';
    const context = operation('restore-objects', { ...request, source: { name: 'other', uid: 'abc123def456', provider: 'azure' } }, source);
    setTimeout(() => api.apply(saved(name)), 1_000);
    outcomes = [{ phase: 'Completed' }];

    await restoreObjects.run(context, never);

    expect([...store.objects.keys()]).toEqual([`velero/backups/${name}/${name}.tar.gz`, `velero/backups/${name}/velero-backup.json`]);
    expect(api.objects('velero.io/restores')).toMatchObject([{ spec: { backupName: name } }]);
    expect(api.find('v1', 'ConfigMap', 'clusterwright-storage-classes', 'velero')).toMatchObject({ data: { 'premium-ssd': 'gp3' }, metadata: { labels: { 'velero.io/change-storage-class': 'RestoreItemAction' } } });
  });

  it('is refused where the backup has failed since', async () => {
    api.apply(saved('nightly', { phase: 'Failed' }));

    await expect(restoreObjects.run(operation('restore-objects', request), never)).rejects.toMatchObject({ code: 'backup-unusable' });
    expect(api.objects('velero.io/restores')).toEqual([]);
  });

  it('ends with what Velero says where not everything came back', async () => {
    api.apply(saved('nightly'));
    outcomes = [{ phase: 'FailedValidation', validationErrors: ['no such backup'] }];

    await expect(restoreObjects.run(operation('restore-objects', request), never)).rejects.toMatchObject({ code: 'objects-not-restored', message: expect.stringContaining('no such backup') as string });
  });
});

describe('a drill of a whole cluster', () => {
  const saved = [
    { resource: 'configmaps', object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'prices', namespace: 'payments' }, data: { tea: '2' } } },
    { resource: 'secrets', object: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'card', namespace: 'payments' }, data: { pin: 'MTIz' } } },
  ];
  const source = () => new StoreInMemory({ 'velero/backups/nightly/velero-backup.json': JSON.stringify({ kind: 'Backup', metadata: { name: 'nightly' } }), 'velero/backups/nightly/nightly.tar.gz': packArchive(saved, new Date()) });
  const drill = (store = source()): OperationContext => {
    const context = operation('cluster-drill', { kind: 'cluster-drill', backup: 'nightly', at: '2026-11-30T02:17:00.000Z', source: { name: 'shop', uid: 'abc123def456', provider: 'aws' } }, store);
    return { ...context, job: { ...context.job, startedAt: new Date().toISOString() }, report: (message) => (message.type === 'report' ? void reports.push(message.report) : context.report(message)) };
  };
  const reports: unknown[] = [];
  beforeEach(() => {
    reports.length = 0;
    setTimeout(() => api.apply({ apiVersion: 'velero.io/v1', kind: 'Backup', metadata: { name: 'shop-abc123.nightly', namespace: 'velero', creationTimestamp: '2026-11-29T02:17:00Z' }, spec: {}, status: { phase: 'Completed' } }), 500);
  });

  it('has Velero bring the namespaces of the backup back at rest, from a copy of it', async () => {
    outcomes = [{ phase: 'Completed' }];
    await restoreObjects.run(drill(), never);

    expect(api.objects('velero.io/restores')).toMatchObject([{ spec: { backupName: 'shop-abc123.nightly', includedNamespaces: ['payments'], existingResourcePolicy: 'none', includeClusterResources: false, resourceModifier: { name: 'clusterwright-at-rest' } } }]);
    expect(api.find('v1', 'ConfigMap', 'clusterwright-at-rest', 'velero')?.['data']).toEqual({ 'rules.yaml': resourceModifiers() });
  });

  it('names what has not come back or holds something else, also where Velero itself has told of errors', async () => {
    const context = drill();
    outcomes = [{ phase: 'PartiallyFailed', errors: 1 }];
    const error: unknown = await restoreObjects.run(context, never).catch((caught: unknown) => caught);
    api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'payments' } });
    api.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'card', namespace: 'payments' }, data: { pin: 'OTk5' } });

    await expect(compareObjects.run({ ...context, failure: { error } }, never)).rejects.toMatchObject({ code: 'drill-failed' });

    expect(reports).toMatchObject([{
      of: 'cluster', rtoSeconds: null, comparison: { objects: { expected: 2, found: 1 }, missing: [{ resource: 'configmaps' }], different: [{ resource: 'secrets' }], velero: { errors: 1 } },
      faults: [expect.stringContaining('objects-not-restored'), expect.stringContaining('0 of 1 configmaps in payments'), expect.stringContaining('1 of 1 secrets in payments')],
    }]);
  });

  it('makes and asks for nothing where its backup is gone, and says so', async () => {
    const context = drill(new StoreInMemory());
    const error: unknown = await restoreObjects.run(context, never).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'backup-unusable' });

    await expect(compareObjects.run({ ...context, failure: { error } }, never)).rejects.toMatchObject({ code: 'drill-failed' });
    expect(api.objects('velero.io/restores')).toEqual([]);
    expect(reports).toMatchObject([{ comparison: null, rtoSeconds: null, faults: [expect.stringContaining('backup-unusable')] }]);
  });
});

describe('a list of backups', () => {
  it('keeps what was seen of Velero\'s where the API server does not answer', async () => {
    api.apply(saved('nightly'));
    const last = (await seenBackups(operation('backup'))).backups;
    await server.stop();

    expect((await seenBackups(operation('backup'), last)).backups).toEqual(last);
    expect(last).toMatchObject([{ id: 'velero/nightly', excludedNamespaces: ['monitoring'], sizeBytes: null }]);
  });
});
