import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { physicalName } from '../../../model/names.js';
import { workerOf } from '../../chaos/processes.js';
import { clusterOf, emulatedAws, KubernetesCaller } from '../../support/kubernetes.js';
import { shortRequest } from '../../support/portal.js';
import { until } from '../../support/until.js';
import { useService } from '../../support/use-service.js';

const listSchema = z.object({ items: z.array(z.object({ of: z.string(), state: z.string() })) });

describe('a drill of a whole cluster', () => {
  const { service, portal } = useService();
  let before: { inventory: string[]; cluster: Record<string, unknown> };
  const clusterIn = async (job: string): Promise<string> => z.object({ cluster: z.string() }).parse(await portal.job(job)).cluster;
  const inventoryOf = async (name: string): Promise<string[]> => (await portal.inventory(name)).items.map(({ id }) => id).sort();

  beforeAll(async () => {
    expect(await portal.change('POST', '/clusters', { ...shortRequest('shop'), platform: { backup: 'velero' }, namespaces: [{ name: 'payments', podSecurity: 'baseline' }] })).toMatchObject({ state: 'succeeded' });
    const kubernetes = await KubernetesCaller.open(service, await clusterOf(portal, 'shop'));
    await kubernetes.call('POST', '/api/v1/namespaces/payments/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'prices' }, data: { tea: '2' } });
    await kubernetes.call('POST', '/apis/batch/v1/namespaces/payments/cronjobs', { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'mails' }, spec: { schedule: '* * * * *', jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'mails:1' }] } } } } } });
    await kubernetes.call('POST', '/api/v1/namespaces/payments/services', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80 }] } });
    await kubernetes.call('POST', '/api/v1/namespaces/payments/persistentvolumeclaims', { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '8Gi' } } } });
    await kubernetes.close();
    expect(await portal.change('POST', '/clusters/shop/backups', { of: ['objects'] })).toMatchObject({ state: 'succeeded' });
    before = { inventory: await inventoryOf('shop'), cluster: await portal.cluster('shop') };
  }, 10 * 60_000);

  it('brings the newest backup back into a cluster that is made for it, and leaves neither that nor a trace in the first, also where the worker dies while it is deleted', async () => {
    const id = await portal.submit('POST', '/clusters/shop/drills', { of: 'cluster', in: { network: { cidr: '10.40.0.0/16' } } });
    const name = await clusterIn(id);
    expect(name).toMatch(/^drill-[a-z0-9]{8}$/);
    expect(await portal.cluster(name)).toMatchObject({ state: 'provisioning', spec: { labels: { 'drill-of': 'shop' }, network: { cidr: '10.40.0.0/16' } }, lastJob: { kind: 'cluster-drill' } });

    await until(async () => (await portal.job(id)).phase === 'destroy-infrastructure', 5 * 60_000);
    process.kill(await workerOf(service.process), 'SIGKILL');
    const job = await portal.ended(id);

    expect(job).toMatchObject({
      kind: 'cluster-drill', state: 'succeeded', error: null, attempt: 2, receipt: { leftovers: [] },
      report: { kind: 'drill', of: 'cluster', cluster: name, faults: [], comparison: { missing: [], different: [], velero: { errors: 0 } } },
    });
    expect((await portal.send('GET', `/clusters/${name}`)).status).toBe(404);
    expect(await inventoryOf(name)).toEqual([]);
    expect({ inventory: await inventoryOf('shop'), cluster: await portal.cluster('shop') }).toMatchObject({ inventory: before.inventory, cluster: { version: before.cluster['version'], state: 'ready' } });
  });

  it('ends as failed where the backup is broken or a machine cannot be made, and its cluster is gone all the same', async () => {
    const { name, uid, spec } = await clusterOf(portal, 'shop');
    const [backup] = z.object({ items: z.array(z.object({ id: z.string() })) }).parse(await (await portal.send('GET', '/clusters/shop/backups')).json()).items.filter(({ id }) => id.startsWith('velero/on-demand-'));
    const saved = backup?.id.slice('velero/'.length) ?? '';
    const s3 = new S3Client({ ...await emulatedAws(service, spec.region), forcePathStyle: true });
    await s3.send(new DeleteObjectCommand({ Bucket: physicalName({ name, uid }, 'backups'), Key: `velero/backups/${saved}/${saved}.tar.gz` }));
    s3.destroy();
    const broken = await portal.submit('POST', '/clusters/shop/drills', { of: 'cluster' });
    const unmade = await portal.submit('POST', '/clusters/shop/drills', { of: 'cluster' });
    await portal.plantFault({ cluster: await clusterIn(unmade), type: 'aws:ec2/instance:Instance', operation: 'create', kind: 'fail', times: 1000, message: 'InsufficientInstanceCapacity: we currently do not have sufficient capacity' });

    const jobs = await Promise.all([broken, unmade].map((id) => portal.ended(id)));

    expect(jobs).toMatchObject([
      { state: 'failed', error: { code: 'drill-failed', detail: expect.stringContaining('backup-unusable') as string }, receipt: { leftovers: [] }, report: { rtoSeconds: null, comparison: null } },
      { state: 'failed', error: { code: 'drill-failed', detail: expect.stringContaining('InsufficientInstanceCapacity') as string }, receipt: { leftovers: [] } },
    ]);
    for (const id of [broken, unmade]) {
      expect(await inventoryOf(await clusterIn(id))).toEqual([]);
      expect((await portal.send('GET', `/clusters/${await clusterIn(id)}`)).status).toBe(404);
    }
    expect(listSchema.parse(await (await portal.send('GET', '/clusters/shop/drills')).json()).items.map(({ of, state }) => [of, state])).toEqual([['cluster', 'failed'], ['cluster', 'failed'], ['cluster', 'succeeded']]);
    expect(await (await portal.send('GET', '/metrics')).text()).toContain('clusterwright_drills_failed 1');
  });
});
