import { setTimeout as wait } from 'node:timers/promises';
import { Release } from '@pulumi/kubernetes/helm/v3/release.js';
import { ConfigMap } from '@pulumi/kubernetes/core/v1/configMap.js';
import { Provider } from '@pulumi/kubernetes/provider.js';
import type { Stack } from '@pulumi/pulumi/automation/index.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { locksOf } from '../../../worker/engine/locks.js';
import { settleReleases } from '../../../worker/kubernetes/pending-releases.js';
import { currentReleases, releaseListSchema, type HelmRelease } from '../../../worker/kubernetes/releases.js';
import { withReleases } from '../../../worker/operation/settle/platform.js';
import { startCluster, type TestCluster } from '../sandbox-kubernetes/cluster.js';
import { startEngine, type TestEngine } from '../sandbox-kubernetes/engine.js';

const minute = 60_000;
let cluster: TestCluster;
let engine: TestEngine;
beforeEach(async () => {
  // Longer than a test: a workload is ready when the test lets the time pass.
  cluster = await startCluster({ workloadStart: 5 * minute, namespaceEnd: 0 });
  cluster.api.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } });
  engine = await startEngine(cluster);
});
afterEach(async () => {
  await engine.stop();
  await cluster.stop();
});

/** Reads and deletes of the API server, as the worker's client makes them. */
const client = {
  releases: async (): Promise<HelmRelease[]> => currentReleases(releaseListSchema.parse((await cluster.call('GET', '/api/v1/secrets?labelSelector=owner%3Dhelm%2Cstatus%20notin%20(superseded)')).body).items),
  remove: async (path: string): Promise<boolean> => (await cluster.call('DELETE', path)).status === 200,
};
const states = async (): Promise<string[]> => (await client.releases()).map(({ name, status, revision }) => `${name} ${status} ${revision}`);

const program = (version: string) => async (): Promise<Record<string, unknown>> => {
  const provider = new Provider('cluster', { kubeconfig: engine.kubeconfig(cluster), clusterIdentifier: 'u1', enableServerSideApply: true, upsertExistingObjects: true });
  new ConfigMap('settings', { metadata: { name: 'settings', namespace: 'kube-system' }, data: { of: 'ours' } }, { provider });
  new Release('cilium', { name: 'cilium', namespace: 'kube-system', chart: 'cilium', version, repositoryOpts: { repo: 'https://helm.cilium.io' } }, { provider });
  return Promise.resolve({});
};

/** Runs an update and kills its engine when the release is in this state. */
async function killedUpdate(stack: Stack, state: string): Promise<void> {
  const ended = stack.up({ color: 'never' }).catch((error: unknown) => error);
  while (!(await states()).includes(state)) await wait(20);
  const [lock] = await locksOf(stack.workspace.envVars['PULUMI_BACKEND_URL'] ?? '', stack.name);
  process.kill(lock?.pid ?? NaN, 'SIGKILL');
  expect(await ended).toBeInstanceOf(Error);
  await stack.cancel();
}

/** Runs an update to its end, whatever fails on the way: lets the time pass once Helm waits. */
async function finished(stack: Stack): Promise<void> {
  const timer = setInterval(() => void states().then((all) => {
    if (!all.some((state) => state.includes(' pending-'))) return;
    clearInterval(timer);
    cluster.advance(6 * minute);
  }), 100);
  await stack.up({ color: 'never', continueOnError: true }).finally(() => clearInterval(timer));
}

describe('a Helm release whose engine was killed', () => {
  it('stays pending, is taken back and installed anew; the same for an upgrade, which goes on from the revision before', async () => {
    const stack = await engine.stack('pending', program('1.18.2'));
    await killedUpdate(stack, 'cilium pending-install 1');
    // Nobody works on behalf of the dead engine any more: ready or not, the release does not go on.
    cluster.advance(6 * minute);
    await wait(1_500);
    expect(await states()).toEqual(['cilium pending-install 1']);

    expect(await settleReleases(client)).toMatchObject({ rolledBack: [{ name: 'cilium', revision: 1 }], releases: [] });
    await finished(stack);
    expect(await states()).toEqual(['cilium deployed 1']);

    const upgraded = await engine.stack('pending', program('1.18.3'));
    await killedUpdate(upgraded, 'cilium pending-upgrade 2');
    expect(await settleReleases(client)).toMatchObject({ rolledBack: [{ name: 'cilium', revision: 2 }], releases: [{ name: 'cilium', status: 'deployed', revision: 1 }] });
    await finished(upgraded);
    expect(await states()).toEqual(['cilium deployed 2']);
    expect(await settleReleases(client)).toMatchObject({ rolledBack: [] });
  });

  it('is imported when it was deployed and the answer was lost; other objects are taken as they are', async () => {
    const stack = await engine.stack('lost', program('1.18.2'));
    for (const type of ['kubernetes:helm.sh/v3:Release', 'kubernetes:core/v1:ConfigMap']) engine.faults.add({ type, operation: 'create', kind: 'lose-answer', times: 1 });
    await expect(finished(stack)).rejects.toThrow('connection reset');
    expect(await states()).toEqual(['cilium deployed 1']);

    const settled = await engine.stack('lost', withReleases(program('1.18.2'), await client.releases(), []));
    await finished(settled);
    const { deployment } = await settled.exportStack();
    expect((deployment as { resources: { id?: string }[] }).resources.map(({ id }) => id)).toEqual(expect.arrayContaining(['kube-system/cilium', 'kube-system/settings']));
    expect((await states()).every((state) => state.startsWith('cilium deployed'))).toBe(true);
  });
});
