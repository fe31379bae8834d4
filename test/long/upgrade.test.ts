import { beforeAll, describe, expect, it } from 'vitest';
import { kubernetesReleases } from '../../model/spec.js';
import { whyNoHosts } from '../../tools/setup/hosts.mjs';
import { workerOf } from '../chaos/processes.js';
import { upgrade } from '../integration/service/upgrade.js';
import { upgradeInPlace } from '../integration/service/upgrade-in-place.js';
import { startProbe } from '../real-nodes/probe.js';
import { packagesHost } from '../../sandbox/hosts/packages.js';
import { RealCluster } from '../real-nodes/real-cluster.js';
import { until } from '../support/until.js';
import { useService } from '../support/use-service.js';
import { bareRequest, startWeb, watchWeb, webApplication } from './web-application.js';

for (const provider of ['aws', 'azure'] as const) describe(`an upgrade on ${provider}`, () => upgrade(provider));
describe('an upgrade in place on azure', () => upgradeInPlace('azure'));

/** Of who asks meanwhile, in milliseconds: two processors are all machines and who asks, so that an answer may be slow without anything being away. */
const patienceMs = 5_000;

const [before, after] = ['1.34', '1.35'] as const;

const application = `${webApplication(3)}---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: default}
spec: {minAvailable: 2, selector: {matchLabels: {app: web}}}
`;

describe.skipIf(whyNoHosts() !== undefined)('an upgrade of real nodes on aws', () => {
  const { service, portal } = useService({ CLUSTERWRIGHT_SANDBOX_NODES: 'real' });
  const cluster = new RealCluster(service, 'aging');

  beforeAll(async () => {
    await startWeb(portal, cluster, { ...bareRequest('aging', 'aws'), kubernetesVersion: before }, application);
  }, 30 * 60_000);

  const releases = (): Promise<string[]> => cluster.lines('nodes', '{.status.nodeInfo.kubeletVersion}').catch(() => []);

  it('is not noticed by who asks the API or uses an application, and goes on where a killed worker left it', async () => {
    const probe = await startProbe(await cluster.adminFile(), patienceMs);
    const fewest = watchWeb(await cluster.adminFile());
    const begun = Date.now();

    const id = await portal.submit('POST', '/clusters/aging/upgrade', { kubernetesVersion: after });
    await until(async () => (await portal.allEvents(id)).some(({ event }) => event.type === 'message' && String(event['text']).includes('cp-1 has a new machine')), 25 * 60_000);
    process.kill(await workerOf(service.process), 'SIGKILL');
    const job = await portal.ended(id);
    const failedMs = await probe.stop();
    const available = await fewest();

    process.stderr.write(`upgrade: ${((Date.now() - begun) / 60_000).toFixed(1)} minutes, ${failedMs} ms without an answer, at least ${available} of 3 replicas available\n`);
    expect(job).toMatchObject({ state: 'succeeded', error: null, attempt: 2 });
    expect(await releases()).toEqual(Array.from({ length: 5 }, () => `v${kubernetesReleases[after]}`));
    expect(new Set(await cluster.lines('pods', '{.spec.containers[0].image}', '--namespace', 'kube-system', '--selector', 'app.kubernetes.io/name=kube-proxy'))).toEqual(new Set([`registry.k8s.io/kube-proxy:v${kubernetesReleases[after]}`]));
    expect(failedMs).toBeLessThanOrEqual(5_000);
    expect(available).toBeGreaterThanOrEqual(2);
    expect(available).toBeLessThanOrEqual(3);
    await cluster.look();
    expect(await cluster.hasHealthyEtcd()).toBe(true);
  });

  it('has its machines brought to an image that was published since, in the same way', async () => {
    const machinesBefore = (await portal.inventory('aging')).items.filter(({ type }) => type === 'aws:ec2/instance:Instance').map(({ id }) => id);
    await fetch(`${service.control}/images`, { method: 'POST' });
    const begun = Date.now();
    const job = await portal.change('POST', '/clusters/aging/upgrade', { machineImages: 'current' });

    process.stderr.write(`newer images: ${((Date.now() - begun) / 60_000).toFixed(1)} minutes\n`);
    expect(job).toMatchObject({ state: 'succeeded', error: null });
    const machines = (await portal.inventory('aging')).items.filter(({ type }) => type === 'aws:ec2/instance:Instance').map(({ id }) => id);
    expect(machines).toHaveLength(5);
    expect(machines.filter((id) => machinesBefore.includes(id))).toEqual([]);
    expect(await cluster.lines('nodes', '{.status.conditions[?(@.type=="Ready")].status}')).toEqual(Array.from({ length: 5 }, () => 'True'));
    await cluster.look();
    expect(await cluster.hasHealthyEtcd()).toBe(true);
  });
});

describe.skipIf(whyNoHosts() !== undefined)('an upgrade of real nodes in place on aws', () => {
  const { service, portal } = useService({ CLUSTERWRIGHT_SANDBOX_NODES: 'real' });
  const cluster = new RealCluster(service, 'staying');
  const machines = async (): Promise<string[]> => (await portal.inventory('staying')).items.filter(({ type }) => type === 'aws:ec2/instance:Instance').map(({ id }) => id).sort();

  beforeAll(async () => {
    // Where a machine that runs gets another release from.
    await startWeb(portal, cluster, { ...bareRequest('staying', 'aws'), kubernetesVersion: before, machines: { packageMirror: `https://${packagesHost}` } }, application);
  }, 30 * 60_000);

  it('leaves every machine, and is not noticed by who asks the API or uses an application', async () => {
    const there = await machines();
    const probe = await startProbe(await cluster.adminFile(), patienceMs);
    const fewest = watchWeb(await cluster.adminFile());
    const begun = Date.now();

    const job = await portal.change('POST', '/clusters/staying/upgrade', { kubernetesVersion: after, inPlace: true });
    const failedMs = await probe.stop();
    const available = await fewest();

    process.stderr.write(`upgrade in place: ${((Date.now() - begun) / 60_000).toFixed(1)} minutes, ${failedMs} ms without an answer, at least ${available} of 3 replicas available\n`);
    expect(job).toMatchObject({ state: 'succeeded', error: null });
    expect(await machines()).toEqual(there);
    expect(await cluster.lines('nodes', '{.status.nodeInfo.kubeletVersion} {.status.conditions[?(@.type=="Ready")].status} {.spec.unschedulable}')).toEqual(Array.from({ length: 5 }, () => `v${kubernetesReleases[after]} True `));
    expect(new Set(await cluster.lines('pods', '{.spec.containers[0].image}', '--namespace', 'kube-system', '--selector', 'app.kubernetes.io/name=kube-proxy'))).toEqual(new Set([`registry.k8s.io/kube-proxy:v${kubernetesReleases[after]}`]));
    for (const pod of ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler']) {
      expect(new Set(await cluster.lines('pods', '{.spec.containers[0].image}', '--namespace', 'kube-system', '--selector', `component=${pod}`))).toEqual(new Set([`registry.k8s.io/${pod}:v${kubernetesReleases[after]}`]));
    }
    expect(failedMs).toBeLessThanOrEqual(5_000);
    expect(available).toBeGreaterThanOrEqual(2);
    expect(available).toBeLessThanOrEqual(3);
    await cluster.look();
    expect(await cluster.hasHealthyEtcd()).toBe(true);
  }, 60 * 60_000);

  it('leaves nothing that a look for drift would find', async () => {
    expect(await portal.change('POST', '/clusters/staying/drift')).toMatchObject({ state: 'succeeded', error: null });
    expect(await (await portal.send('GET', '/clusters/staying/drift')).json()).toMatchObject({ report: { findings: [], unchecked: [] } });
  });
});
