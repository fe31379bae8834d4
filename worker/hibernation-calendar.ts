import type { Logger } from 'pino';
import type { ClusterRecord } from '../model/cluster.js';
import { lastMove, type Move } from '../model/hibernation.js';
import type { JobRecord } from '../model/job.js';
import type { Store } from '../store/store.js';
import { clusterPages } from './cluster-pages.js';
import { beginOwnJob, type OwnJobParts } from './own-jobs.js';
import { isUnanswered } from './unanswered.js';

/** What calendars are followed with. */
export interface CalendarParts extends OwnJobParts {
  readonly store: OwnJobParts['store'] & Pick<Store, 'listClusters' | 'listJobs'>;
  readonly log: Logger;
}

/** What was missed for longer than this, in milliseconds, nobody expects any more. */
const lateMs = 12 * 3_600_000;

/** From which state a move leads. */
const comesFrom = { hibernate: 'ready', wake: 'hibernated' } as const;

/**
 * Hibernates and wakes clusters when their calendars say so. Only the last time that has come counts, and each once: what somebody has switched since is left alone, and what was missed, while no worker ran or
 * another job was in the way, is done as soon as it can be, for twelve hours. A cluster that has failed is nobody's to switch.
 */
export async function followCalendars(parts: CalendarParts, now: Date = new Date()): Promise<void> {
  for (const state of ['ready', 'hibernated'] as const) {
    for await (const clusters of clusterPages(parts.store, { state })) {
      for (const { cluster } of clusters) {
        const move = cluster.spec.hibernation && lastMove(cluster.spec.hibernation, now);
        if (move !== undefined && cluster.activeJob === null && state === comesFrom[move.kind]) await follow(parts, cluster, move, now);
      }
    }
  }
}

async function follow(parts: CalendarParts, cluster: ClusterRecord, { kind, at }: Move, now: Date): Promise<void> {
  if (now.getTime() - at.getTime() > lateMs || !(await isUnanswered(parts.store, cluster, at, { of: ({ hibernation }) => hibernation, isAnswer: isSwitch }))) return;
  const id = await beginOwnJob(parts, cluster, { kind }, now);
  if (id !== undefined) parts.log.info({ jobId: id, cluster: cluster.name, kind, due: at.toISOString() }, 'the time of a calendar has come');
}

/** Whoever has begun it: what somebody has switched since a time of the calendar stays. */
function isSwitch({ kind }: Pick<JobRecord, 'kind'>): boolean {
  return kind === 'hibernate' || kind === 'wake';
}
