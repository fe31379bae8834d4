import type { ClusterRecord } from '../model/cluster.js';
import { lastMove } from '../model/hibernation.js';
import { beginDue, type Calendar, type DueJobParts } from './due-jobs.js';

/** From which state a move leads. */
const comesFrom = { hibernate: 'ready', wake: 'hibernated' } as const;

/** Whoever has begun it: what somebody has switched since a time of the calendar stays. */
const switches: Calendar = { of: ({ hibernation }) => hibernation, isAnswer: ({ kind }) => kind === 'hibernate' || kind === 'wake' };

/** Hibernates or wakes a cluster when its calendar says so. Only the last time that has come counts: what somebody has switched since is left alone. A cluster that has failed is nobody's to switch. */
export async function followHibernation(parts: DueJobParts, cluster: ClusterRecord, now: Date): Promise<void> {
  const move = cluster.spec.hibernation && lastMove(cluster.spec.hibernation, now);
  if (move !== undefined && cluster.state === comesFrom[move.kind]) await beginDue(parts, cluster, move, switches, now);
}
