import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { awsControllers } from '../../../sandbox/aws/kubernetes/controllers.js';
import { azureControllers } from '../../../sandbox/azure/kubernetes/controllers.js';
import { Blobs } from '../../../sandbox/azure/data-planes/blobs.js';
import { Journal } from '../../../sandbox/inventory/journal.js';
import { ClusterApi } from '../../../sandbox/kubernetes/api-server/cluster-api.js';
import { unpackArchive } from '../../../sandbox/kubernetes/controllers/velero/archive.js';
import { velero } from '../../../sandbox/kubernetes/controllers/velero/index.js';
import type { JsonRecord, KubeObject } from '../../../sandbox/kubernetes/json.js';
import type { ObjectStore } from '../../../sandbox/kubernetes/object-store.js';
import { releaseObjects } from '../../../sandbox/kubernetes/provider/release-objects.js';
import { resourceModifiers, restoredAtRest } from '../../../worker/operation/objects/at-rest.js';
import { openAzure } from '../sandbox/azure-in-memory.js';
import { openCloud } from '../sandbox/cloud-in-memory.js';

const day = 24 * 3_600_000;
let folder: string;
let journals: Journal[];
let now: number;
let stores: Map<string, Map<string, Buffer>>;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'velero-'));
  journals = [];
  now = Date.parse('2026-05-04T12:00:00Z');
  stores = new Map();
});
afterEach(async () => {
  for (const journal of journals) await journal.close();
  await rm(folder, { recursive: true });
});

function storeOf(bucket: string): ObjectStore {
  const files = stores.get(bucket) ?? new Map<string, Buffer>();
  stores.set(bucket, files);
  return { get: (key) => files.get(key), put: (key, content) => void files.set(key, Buffer.from(content)), list: (prefix) => [...files.keys()].filter((key) => key.startsWith(prefix)).sort(), delete: (key) => void files.delete(key) };
}

const valuesOf = (cloud: 'aws' | 'azure'): JsonRecord => parse(readFileSync(`test/golden/charts/${cloud}-production/velero.yaml`, 'utf8')) as JsonRecord;

/** A cluster with the release, whose values are those of the product, and its bucket. */
async function clusterWith(bucket: string, { backup = 0, installed = true } = {}): Promise<ClusterApi> {
  const journal = await Journal.open(path.join(folder, `${bucket}.jsonl`));
  journals.push(journal);
  const cloud = { backupStore: (name: string) => (name === bucket ? storeOf(name) : undefined) };
  const api = new ClusterApi(journal, () => now, { workloadStart: 0, namespaceEnd: 0, backup }, velero(cloud));
  const values = JSON.parse(JSON.stringify(valuesOf('aws')).replaceAll('payments-prod-abc123-backups', bucket)) as JsonRecord;
  api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'velero' } });
  for (const object of releaseObjects({ name: 'velero', namespace: 'velero', chart: 'velero', version: '12.1.0', values })) if (installed || object.kind !== 'Deployment') api.apply(object);
  return api;
}

function makeShop(api: ClusterApi): void {
  api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { team: 'payments' } } });
  api.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'prices', namespace: 'shop' }, data: { tea: '2' } });
  api.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'card', namespace: 'shop' }, data: { pin: 'MTIz' } });
  api.apply({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'shop' }, spec: { clusterIP: '10.96.0.7', ports: [{ port: 80, nodePort: 30_080 }] } });
  api.apply({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'shop' }, spec: { selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'web:1' }] } } } });
}

function ask(api: ClusterApi, kind: 'Backup' | 'Restore', name: string, spec: JsonRecord): KubeObject {
  api.apply({ apiVersion: 'velero.io/v1', kind, metadata: { name, namespace: 'velero' }, spec });
  return seen(api, kind, name);
}

function seen(api: ClusterApi, kind: string, name: string): KubeObject {
  api.settle();
  const found = api.find('velero.io/v1', kind, name, 'velero');
  if (found === undefined) throw new Error(`there is no ${kind} ${name}`);
  return found;
}

const names = (api: ClusterApi, kind = 'velero.io/backups'): string[] => {
  api.settle();
  return api.objects(kind).map(({ metadata }) => metadata.name).sort();
};
const pin = (api: ClusterApi, namespace = 'shop'): unknown => api.find('v1', 'Secret', 'card', namespace)?.['data'];

describe('Velero in a simulated cluster', () => {
  it('backs up what a Backup names, in the files and places of the real one', async () => {
    const api = await clusterWith('one');
    makeShop(api);

    const backup = ask(api, 'Backup', 'before', { includedNamespaces: ['shop'], ttl: '72h0m0s' });

    expect(backup['status']).toEqual({
      version: 1, formatVersion: '1.1.0', phase: 'Completed', startTimestamp: '2026-05-04T12:00:00Z', completionTimestamp: '2026-05-04T12:00:00Z', expiration: '2026-05-07T12:00:00Z',
      progress: { totalItems: 6, itemsBackedUp: 6 },
    });
    expect(backup['spec']).toMatchObject({ storageLocation: 'default', includedNamespaces: ['shop'] });
    const files = stores.get('one') ?? new Map<string, Buffer>();
    expect([...files.keys()].sort()).toEqual(['before-itemoperations.json.gz', 'before-podvolumebackups.json.gz', 'before-resource-list.json.gz', 'before-results.gz', 'before-volumeinfo.json.gz', 'before-volumesnapshots.json.gz', 'before.tar.gz', 'velero-backup.json'].map((file) => `velero/backups/before/${file}`));
    expect(JSON.parse(String(files.get('velero/backups/before/velero-backup.json')))).toMatchObject({ kind: 'Backup', metadata: { name: 'before' }, status: { phase: 'Completed' } });
    const archive = files.get('velero/backups/before/before.tar.gz') ?? Buffer.alloc(0);
    expect(unpackArchive(archive).map(({ resource, object }) => `${resource} ${object.metadata.namespace ?? '-'} ${object.metadata.name}`).sort()).toEqual([
      'configmaps shop prices', 'deployments.apps shop web', 'namespaces - shop', 'secrets shop card', 'serviceaccounts shop default', 'services shop web',
    ]);
    for (const file of ['metadata/version', 'resources/deployments.apps/namespaces/shop/web.json', 'resources/deployments.apps/v1-preferredversion/namespaces/shop/web.json', 'resources/namespaces/cluster/shop.json']) {
      expect(gunzipSync(archive).includes(file)).toBe(true);
    }
    expect(api.find('velero.io/v1', 'BackupStorageLocation', 'default', 'velero')?.['status']).toMatchObject({ phase: 'Available' });
  });

  it('takes its time, and leaves out what is excluded', async () => {
    const api = await clusterWith('one', { backup: 5_000 });
    makeShop(api);
    api.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'other', namespace: 'shop', labels: { 'velero.io/exclude-from-backup': 'true' } } });

    expect(ask(api, 'Backup', 'all', { excludedNamespaces: ['velero', 'kube-system'], excludedResources: ['secrets'] })['status']).toMatchObject({ phase: 'InProgress' });
    expect(stores.get('one')?.size).toBe(0);
    now += 5_000;
    expect(seen(api, 'Backup', 'all')['status']).toMatchObject({ phase: 'Completed' });
    const saved = unpackArchive(storeOf('one').get('velero/backups/all/all.tar.gz') ?? Buffer.alloc(0));
    expect(saved.filter(({ resource }) => resource === 'secrets')).toEqual([]);
    expect(new Set(saved.map(({ object }) => object.metadata.namespace ?? '')).has('velero')).toBe(false);
    expect(saved.some(({ resource }) => resource === 'customresourcedefinitions.apiextensions.k8s.io')).toBe(true);
  });

  it('brings a namespace back that was deleted, whole and as new', async () => {
    const api = await clusterWith('one');
    makeShop(api);
    ask(api, 'Backup', 'before', { includedNamespaces: ['shop'] });
    api.remove('v1', 'Namespace', 'shop');

    expect(ask(api, 'Restore', 'back', { backupName: 'before', includedNamespaces: ['shop'] })['status']).toEqual({
      phase: 'Completed', startTimestamp: '2026-05-04T12:00:00Z', completionTimestamp: '2026-05-04T12:00:00Z', progress: { totalItems: 6, itemsRestored: 6 },
    });
    expect(pin(api)).toEqual({ pin: 'MTIz' });
    expect(api.find('v1', 'Namespace', 'shop')?.metadata.labels).toMatchObject({ team: 'payments' });
    const service = api.find('v1', 'Service', 'web', 'shop');
    expect(service?.['spec']).toMatchObject({ ports: [{ port: 80 }] });
    expect(JSON.stringify(service?.['spec'])).not.toMatch(/clusterIP|nodePort/);
    expect(service?.metadata.labels).toEqual({ 'velero.io/backup-name': 'before', 'velero.io/restore-name': 'back' });
    // Who applied it before may do it again.
    expect(service?.metadata.managedFields?.map(({ manager }) => manager)).toEqual(['simulated-control-plane']);
  });

  it('saves and brings back what has the labels that are asked for', async () => {
    const api = await clusterWith('own');
    makeShop(api);
    api.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'ours', namespace: 'shop', labels: { 'app.kubernetes.io/managed-by': 'clusterwright' } }, data: {} });
    ask(api, 'Backup', 'all', { includedNamespaces: ['shop'], labelSelector: { matchExpressions: [{ key: 'team', operator: 'DoesNotExist' }] } });
    api.remove('v1', 'Namespace', 'shop');
    api.settle();

    expect(ask(api, 'Restore', 'back', { backupName: 'all', labelSelector: { matchExpressions: [{ key: 'app.kubernetes.io/managed-by', operator: 'NotIn', values: ['clusterwright'] }] } })).toMatchObject({ status: { phase: 'Completed' } });

    expect(api.objects('/configmaps').filter(({ metadata }) => metadata.namespace === 'shop').map(({ metadata }) => metadata.name)).toContain('prices');
    expect(api.find('v1', 'ConfigMap', 'ours', 'shop')).toBeUndefined();
  });

  it('changes what comes back by the rules that a drill restores with', async () => {
    const api = await clusterWith('own');
    makeShop(api);
    api.apply({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'world', namespace: 'shop' }, spec: { type: 'LoadBalancer', ports: [{ port: 443 }] } });
    api.apply({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data', namespace: 'shop', annotations: { team: 'payments' } }, spec: { storageClassName: 'gp3', volumeName: 'pvc-1', resources: { requests: { storage: '8Gi' } } } });
    api.apply({ apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'mails', namespace: 'shop' }, spec: { schedule: '* * * * *' } });
    api.apply({ apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'agent', namespace: 'shop' }, spec: { selector: { matchLabels: { app: 'agent' } }, template: { metadata: { labels: { app: 'agent' } }, spec: { containers: [{ name: 'main', image: 'agent:1' }] } } } });
    ask(api, 'Backup', 'before', { includedNamespaces: ['shop'] });
    api.remove('v1', 'Namespace', 'shop');
    api.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'clusterwright-at-rest', namespace: 'velero' }, data: { 'rules.yaml': resourceModifiers() } });

    expect(ask(api, 'Restore', 'back', { backupName: 'before', includedNamespaces: ['shop'], ...restoredAtRest })['status']).toMatchObject({ phase: 'Completed' });

    const back = (apiVersion: string, kind: string, name: string): unknown => api.find(apiVersion, kind, name, 'shop');
    expect(back('apps/v1', 'Deployment', 'web')).toMatchObject({ spec: { replicas: 0, template: { spec: { containers: [{ image: 'web:1' }] } } } });
    expect(back('apps/v1', 'DaemonSet', 'agent')).toMatchObject({ spec: { template: { spec: { nodeSelector: { 'clusterwright.io/at-rest': 'true' } } } } });
    expect(back('batch/v1', 'CronJob', 'mails')).toMatchObject({ spec: { suspend: true, schedule: '* * * * *' } });
    expect(back('v1', 'Service', 'world')).toMatchObject({ spec: { type: 'LoadBalancer', loadBalancerClass: 'clusterwright.io/at-rest' } });
    expect(back('v1', 'Service', 'web')).not.toHaveProperty('spec.loadBalancerClass');
    expect(back('v1', 'PersistentVolumeClaim', 'data')).toMatchObject({ metadata: { annotations: { team: 'payments' } } });
    expect(back('v1', 'PersistentVolumeClaim', 'data')).not.toHaveProperty('spec.volumeName', 'pvc-1');
  });

  it('leaves what is there and warns where it differs, unless it is to be updated', async () => {
    const api = await clusterWith('one');
    makeShop(api);
    ask(api, 'Backup', 'before', { includedNamespaces: ['shop'] });
    api.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'card', namespace: 'shop' }, data: { pin: 'OTk5' } });

    expect(ask(api, 'Restore', 'kept', { backupName: 'before', includedResources: ['secrets', 'configmaps'] })['status']).toMatchObject({ phase: 'Completed', warnings: 1, progress: { totalItems: 2 } });
    expect(pin(api)).toEqual({ pin: 'OTk5' });
    const told = JSON.parse(gunzipSync(storeOf('one').get('velero/restores/kept/restore-kept-results.gz') ?? Buffer.alloc(0)).toString()) as unknown;
    expect(told).toEqual({ errors: { namespaces: {} }, warnings: { namespaces: { shop: ['could not restore, Secret:card already exists. Warning: the in-cluster version is different than the backed-up version'] } } });

    expect(ask(api, 'Restore', 'updated', { backupName: 'before', includedResources: ['secrets'], existingResourcePolicy: 'update' })['status']).not.toHaveProperty('warnings');
    expect(pin(api)).toEqual({ pin: 'MTIz' });
  });

  it('finds backups that were copied into its store, and brings them into its cluster', async () => {
    const [source, target] = [await clusterWith('one'), await clusterWith('two')];
    makeShop(source);
    ask(source, 'Backup', 'moved', { includedNamespaces: ['shop'] });
    for (const [key, content] of stores.get('one') ?? []) storeOf('two').put(key, content, '');
    storeOf('two').put('velero/backups/half/velero-backup.json', '{"apiVersion":', '');
    now += 1_000;

    expect(names(target)).toEqual(['moved']);
    expect(seen(target, 'Backup', 'moved')['status']).toMatchObject({ phase: 'Completed', progress: { totalItems: 6 } });
    expect(ask(target, 'Restore', 'here', { backupName: 'moved', namespaceMapping: { shop: 'shop-restored' } })['status']).toMatchObject({ phase: 'Completed' });
    expect(pin(target, 'shop-restored')).toEqual({ pin: 'MTIz' });
    expect(pin(target)).toBeUndefined();
  });

  it('brings back by names that are too long for a label', async () => {
    const api = await clusterWith('one');
    makeShop(api);
    const long = `payments-production-abc123.${'velero-daily-20260505021730'.repeat(2)}`;
    ask(api, 'Backup', long, { includedNamespaces: ['shop'] });
    api.remove('v1', 'Namespace', 'shop');
    expect(ask(api, 'Restore', 'back', { backupName: long })['status']).toMatchObject({ phase: 'Completed' });
    expect(api.find('v1', 'Secret', 'card', 'shop')?.metadata.labels?.['velero.io/backup-name']).toMatch(/^payments-production-abc123\.velero-daily-\d{14}vel[0-9a-f]{6}$/);
  });

  it('tells what it could not bring back', async () => {
    const api = await clusterWith('one');
    makeShop(api);
    api.apply({ apiVersion: 'velero.io/v1', kind: 'Backup', metadata: { name: 'before', namespace: 'velero' }, spec: { includedNamespaces: ['shop'] } });
    api.settle();
    api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'leaving', finalizers: ['held'] } });
    api.remove('v1', 'Namespace', 'leaving');

    const restore = { backupName: 'before', includedResources: ['secrets'], namespaceMapping: { shop: 'leaving' } };
    expect(ask(api, 'Restore', 'late', restore)['status']).toMatchObject({ phase: 'InProgress' });
    now += 10 * 60_000;
    expect(seen(api, 'Restore', 'late')['status']).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    storeOf('one').delete('velero/backups/before/before.tar.gz');
    expect(ask(api, 'Restore', 'empty', { backupName: 'before' })['status']).toMatchObject({ phase: 'Failed', failureReason: expect.stringContaining('error downloading backup') as string });
  });

  it.each([
    ['Restore', { backupName: 'nowhere' }, 'Error retrieving backup: can\'t find backup velero/nowhere: Backup.velero.io "nowhere" not found'],
    ['Restore', { backupName: 'nowhere', existingResourcePolicy: 'replace' }, 'Invalid ExistingResourcePolicy: replace'],
    ['Backup', { ttl: 'a week' }, 'time: invalid duration "a week"'],
    ['Backup', { storageLocation: 'elsewhere' }, 'an existing backup storage location was not specified at backup creation time and the default elsewhere was not found'],
    ['Restore', { backupName: 'nowhere', resourceModifier: { kind: 'ConfigMap', name: 'rules' } }, 'failed to get resource modifiers configmap velero/rules'],
    ['Backup', { orLabelSelectors: [{ matchLabels: { app: 'web' } }] }, 'the sandbox does not imitate spec.orLabelSelectors'],
  ] as const)('refuses a %s of %j', async (kind, spec, reason) => {
    const api = await clusterWith('one');
    const { phase, validationErrors } = ask(api, kind, 'asked', spec)['status'] as { phase: string; validationErrors: string[] };
    expect(phase).toBe('FailedValidation');
    expect(validationErrors).toContain(reason);
  });

  it('makes backups by its schedules, and deletes those whose time is over', async () => {
    const api = await clusterWith('one');
    expect(names(api)).toEqual([]);
    now = Date.parse('2026-05-05T02:17:30Z');
    expect(names(api)).toEqual(['velero-daily-20260505021730', 'velero-hourly-20260505021730']);
    expect(seen(api, 'Backup', 'velero-daily-20260505021730').metadata.labels).toMatchObject({ 'velero.io/schedule-name': 'velero-daily', 'velero.io/storage-location': 'default' });
    expect(ask(api, 'Restore', 'back', { backupName: 'velero-daily-20260505021730', includedNamespaces: ['default'] })['status']).toMatchObject({ phase: 'Completed' });

    now += 3 * day;
    expect(names(api)).toEqual(['velero-daily-20260505021730', 'velero-daily-20260508021730', 'velero-hourly-20260508021730']);
    now += 36 * day;
    expect(names(api)).toEqual(['velero-daily-20260613021730', 'velero-hourly-20260613021730']);
    expect(names(api, 'velero.io/restores')).toEqual([]);
    expect(storeOf('one').list('velero/backups/velero-daily-20260505021730')).toEqual([]);
  });

  it('forgets backups whose files are gone, and makes none of a name that the store has', async () => {
    const api = await clusterWith('one');
    ask(api, 'Backup', 'before', { includedNamespaces: ['default'] });
    api.remove('velero.io/v1', 'Backup', 'before', 'velero');
    expect(ask(api, 'Backup', 'before', { includedNamespaces: ['default'] })['status']).toMatchObject({ phase: 'Failed', failureReason: 'backup execution failed: backup already exists in object storage' });
    ask(api, 'Backup', 'lost', { includedNamespaces: ['default'] });
    for (const key of storeOf('one').list('velero/backups/lost/')) storeOf('one').delete(key);
    now += 1_000;
    expect(names(api)).toEqual(['before']);
  });

  it('does nothing where its release is not installed', async () => {
    const api = await clusterWith('one', { installed: false });
    expect(ask(api, 'Backup', 'before', {})).not.toHaveProperty('status');
  });
});

describe('the store of a location', () => {
  it('is the bucket on AWS', async () => {
    const aws = await openCloud();
    await aws.create('aws:s3/bucket:Bucket', { bucket: 'one' });
    const controllers = awsControllers(aws.cloud, {} as Parameters<typeof awsControllers>[1]);
    expect(controllers.backupStore('two', {})).toBeUndefined();
    tryOut(controllers.backupStore('one', {}));
    await aws.close();
  });

  it('is the container on Azure', async () => {
    const azure = await openAzure();
    const group = { resourceGroupName: 'g' };
    await azure.create('azure-native:resources:ResourceGroup', { ...group, location: 'westeurope' });
    await azure.create('azure-native:storage:StorageAccount', { ...group, accountName: 'paybackups', location: 'westeurope', kind: 'StorageV2', sku: { name: 'Standard_ZRS' } });
    await azure.create('azure-native:storage:BlobContainer', { ...group, accountName: 'paybackups', containerName: 'cluster' });
    const controllers = azureControllers(azure.cloud, new Blobs(azure.sandbox.journal, azure.sandbox.inventory, azure.sandbox.clock), {} as Parameters<typeof azureControllers>[2]);
    const config = { storageAccountURI: 'https://paybackups.blob.core.windows.net' };
    expect([controllers.backupStore('other', config), controllers.backupStore('cluster', {})]).toEqual([undefined, undefined]);
    tryOut(controllers.backupStore('cluster', config));
    await azure.close();
  });

  function tryOut(store: ObjectStore | undefined): void {
    store?.put('velero/a', 'x', 'text/plain');
    store?.put('other', 'y', 'text/plain');
    expect(store?.list('velero/')).toEqual(['velero/a']);
    expect(store?.get('velero/a')?.toString()).toBe('x');
    store?.delete('velero/a');
    expect(store?.list('velero/')).toEqual([]);
  }
});
