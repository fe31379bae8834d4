import type { Logger } from 'pino';
import type { ClusterRecord, Condition } from '../model/cluster.js';
import type { UnhealthyMachine } from '../model/node-health.js';
import type { Store } from '../store/store.js';
import type { Cloud } from './cloud/index.js';
import type { ClusterNode } from './kubernetes/client.js';
import { named, verdictOn, type Verdict } from './node-health.js';
import { beginOwnJob, type OwnJobParts } from './own-jobs.js';

/** What machines are replaced with. */
export interface ReplacementParts extends OwnJobParts {
  readonly store: Pick<Store, 'listJobs' | 'changeCluster'>;
  readonly log: Logger;
}

const hourMs = 3_600_000;
/** Jobs of a cluster that are looked through for repairs of the last hour; a repair takes a minute at least. */
const latestJobs = 100;

/** Looks at the machines of a cluster and says what is to be done about them: nothing more once there were as many repairs within the hour as its spec allows. */
export async function lookAtMachines({ store }: Pick<ReplacementParts, 'store'>, { name, spec }: ClusterRecord, cloud: Pick<Cloud, 'controlPlanes' | 'pools'>, nodes: readonly ClusterNode[], now: Date): Promise<Verdict> {
  const [controlPlanes, pools] = await Promise.all([cloud.controlPlanes(), cloud.pools()]);
  const verdict = verdictOn(spec, { nodes, controlPlanes, pools }, now);
  if (verdict.kind !== 'replace') return verdict;
  const { items } = await store.listJobs({ cluster: name }, { limit: latestJobs });
  const begun = items.filter(({ intent, createdAt }) => intent.request?.kind === 'repair' && now.getTime() - Date.parse(createdAt) < hourMs).length;
  if (begun < spec.nodeHealth.maxPerHour) return verdict;
  return { kind: 'stopped', reason: 'TooManyRepairs', message: `${begun} repairs were begun within an hour, and ${verdict.machines.map(named).join(', ')} would be the next` };
}

/** What is shown of it with the cluster. */
export function replacementCondition(verdict: Verdict, at: Date): Condition {
  const base = { type: 'NodeReplacement', status: 'True', observedAt: at.toISOString() } as const;
  switch (verdict.kind) {
    case 'well': return { ...base, reason: 'AllWell', message: '' };
    case 'waiting': return { ...base, reason: 'Waiting', message: `not Ready for too short a time: ${verdict.nodes.join(', ')}` };
    case 'replace': return { ...base, reason: 'Replacing', message: verdict.machines.map((machine) => `${named(machine)}: ${machine.reason}`).join(', ') };
    case 'stopped': return { ...base, status: 'False', reason: verdict.reason, message: verdict.message };
  }
}

/** Begins the repair that replaces these machines: on the version of the cluster that was read before the look, so that one of the workers begins it, and none does where something else has happened since. */
export async function beginReplacement(parts: ReplacementParts, cluster: ClusterRecord, machines: readonly UnhealthyMachine[], now: Date): Promise<void> {
  const id = await beginOwnJob(parts, cluster, { kind: 'repair', request: { kind: 'repair', replace: [...machines] } }, now);
  if (id !== undefined) parts.log.warn({ jobId: id, cluster: cluster.name, machines }, 'machines that are not well are replaced');
}
