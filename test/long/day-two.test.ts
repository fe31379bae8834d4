import { beforeAll, describe, expect, it } from 'vitest';
import { whyNoHosts } from '../../tools/setup/hosts.mjs';
import { authorities } from '../real-nodes/authorities.js';
import { drift } from '../real-nodes/drift.js';
import { drill } from '../real-nodes/drill.js';
import { grants } from '../real-nodes/grants.js';
import { RealCluster, realRequest } from '../real-nodes/real-cluster.js';
import { rotation } from '../real-nodes/rotation.js';
import { serviceAccountKey } from '../real-nodes/service-account-key.js';
import { useService } from '../support/use-service.js';

describe.skipIf(whyNoHosts() !== undefined)('day two of a cluster of real nodes on aws', () => {
  const used = useService({ CLUSTERWRIGHT_SANDBOX_NODES: 'real' });
  const cluster = new RealCluster(used.service, 'lasting');
  const ground = { ...used, cluster, provider: 'aws' } as const;

  beforeAll(async () => {
    expect(await used.portal.change('POST', '/clusters', realRequest(cluster.name, 'aws'))).toMatchObject({ state: 'succeeded', error: null });
    await cluster.look();
  }, 10 * 60_000);

  const { certificates, encryptionKey } = rotation(ground);
  drift(ground);
  grants(ground, encryptionKey);
  certificates();
  drill(ground);

  it('has nodes lead to Services as before when kube-proxy has begun anew', async () => {
    const { worker } = cluster;
    const proxy = (): Promise<string> => cluster.inside(worker, 'pgrep', '--exact', 'kube-proxy').catch(() => '');
    const before = await proxy();
    await cluster.inside(worker, 'kill', before.trim());
    await expect.poll(async () => ![before, ''].includes(await proxy()), { timeout: 60_000 }).toBe(true);
    await cluster.inside(worker, 'curl', '--silent', '--fail', '--retry', '30', '--retry-delay', '1', '--retry-all-errors', 'http://127.0.0.1:10256/healthz');
    expect(await cluster.inside(worker, 'curl', '--silent', '--insecure', '--max-time', '5', 'https://10.96.0.1/livez')).toBe('ok');
  });

  it('has all its nodes Ready after all that', async () => {
    await expect.poll(() => cluster.lines('nodes', '{.status.conditions[?(@.type=="Ready")].status}').catch(String), { timeout: 60_000 }).toEqual(Array(5).fill('True'));
  });

  serviceAccountKey(ground);
  authorities(ground);
});
