import pino from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { unhealthyMachineSchema } from '../../../model/node-health.js';
import type { ClusterRecord } from '../../../model/cluster.js';
import { beginReplacement, lookAtMachines, replacementCondition } from '../../../worker/node-replacement.js';
import { ended, inState, someObservation } from '../../support/records.js';
import { claimed, present, readyCluster, storeSetting, type Setting } from '../store/setting.js';

let setting: Setting;
beforeAll(async () => { setting = await storeSetting(); });
afterAll(() => setting.end());

let nudged = 0;
const now = new Date();
const machines = [unhealthyMachineSchema.parse({ part: 'cp-2', machine: null, node: null, reason: 'gone', hold: null })];
const begin = (cluster: ClusterRecord, store = setting.store): Promise<void> => beginReplacement({ store, relay: { nudge: () => void (nudged += 1) }, log: pino({ level: 'silent' }) }, cluster, machines, now);
const jobsOf = async (name: string) => (await setting.store.listJobs({ cluster: name }, { limit: 10 })).items;

/** A cluster of one control plane whose repair, begun by the service, has succeeded. */
async function repaired(name: string): Promise<ClusterRecord> {
  const [job] = await jobsOf(name);
  const claim = await claimed(setting.store, present(job).id);
  await setting.store.finish(claim.lease, { job: ended(claim.job), cluster: inState(claim.cluster, 'ready') });
  return present(await setting.store.getCluster(name));
}

it('begins one repair, however many workers see the same, and none for what was seen before it', async () => {
  const cluster = await readyCluster(setting.store, 'sick');

  await Promise.all([begin(cluster), begin(cluster, setting.another()), begin(cluster, setting.another())]);

  const [job, ...others] = await jobsOf('sick');
  expect(job).toMatchObject({ kind: 'repair', requestedBy: 'clusterwright', intent: { change: 'repair', request: { kind: 'repair', replace: machines } } });
  expect(others.map(({ kind }) => kind)).toEqual(['create']);
  expect(nudged).toBe(1);
  expect(await setting.store.getCluster('sick')).toMatchObject({ state: 'updating', activeJob: job?.id });

  await repaired('sick');
  await begin(cluster);
  expect(await jobsOf('sick')).toHaveLength(2);
});

it('stops when as many repairs were begun within an hour as the spec allows, and is counted as stopped as long as the cluster is there', async () => {
  let cluster = await readyCluster(setting.store, 'storm');
  const allowed = { ...cluster.spec.nodeHealth, maxPerHour: 2, maxUnhealthyPercent: 100 };
  const withLimits = (): ClusterRecord => ({ ...cluster, spec: { ...cluster.spec, nodeHealth: allowed, nodePools: [], controlPlane: { ...cluster.spec.controlPlane, replicas: 3 } } });
  const onlyOneGone = { pools: () => Promise.resolve([]), controlPlanes: () => Promise.resolve(['cp-1', 'cp-3'].map((part) => ({ part, id: `i-${part}`, power: 'on' as const }))) };
  const nodes = ['cp-1', 'cp-3'].map((part) => ({ name: part, providerId: `aws:///a/i-${part}`, ready: true, changedAt: now.toISOString(), controlPlane: true }));
  const look = (at = new Date()) => lookAtMachines(setting, withLimits(), onlyOneGone, nodes, at);
  for (let count = 0; count < 2; count += 1) {
    expect(await look()).toMatchObject({ kind: 'replace', machines });
    await begin(cluster);
    cluster = await repaired('storm');
  }

  const verdict = await look();

  expect(verdict).toMatchObject({ kind: 'stopped', reason: 'TooManyRepairs' });
  expect(await look(new Date(Date.now() + 3_600_000))).toMatchObject({ kind: 'replace' });
  const observe = (condition: ReturnType<typeof replacementCondition>) => setting.store.observe('storm', cluster.uid, { ...someObservation(), conditions: [condition] });
  await observe(replacementCondition(verdict, now));
  expect([...await setting.store.stoppedReplacements()]).toEqual([['TooManyRepairs', 1]]);
  await observe(replacementCondition({ kind: 'well' }, now));
  expect([...await setting.store.stoppedReplacements()]).toEqual([]);
});
