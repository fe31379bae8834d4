import type { Logger } from 'pino';
import type { ClusterRecord } from '../model/cluster.js';
import { lastMove, type Move } from '../model/hibernation.js';
import type { Store } from '../store/store.js';
import { clusterPages } from './cluster-pages.js';
import { beginOwnJob, type OwnJobParts } from './own-jobs.js';

/** What calendars are followed with. */
export interface CalendarParts extends OwnJobParts {
  readonly store: OwnJobParts['store'] & Pick<Store, 'listClusters' | 'listJobs'>;
  readonly log: Logger;
}

/** What was missed for longer than this, in milliseconds, nobody expects any more. */
const lateMs = 12 * 3_600_000;
const pageSize = 50;

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
  if (now.getTime() - at.getTime() > lateMs || !(await isDue(parts, cluster, at))) return;
  const id = await beginOwnJob(parts, cluster, { kind }, now);
  if (id !== undefined) parts.log.info({ jobId: id, cluster: cluster.name, kind, due: at.toISOString() }, 'the time of a calendar has come');
}

/** Whether nobody, the calendar neither, has switched the cluster since, and the calendar was what it is by then. */
async function isDue({ store }: CalendarParts, { name, uid, createdAt, spec }: ClusterRecord, at: Date): Promise<boolean> {
  let cursor: string | undefined;
  do {
    const page = await store.listJobs({ cluster: name }, { limit: pageSize, ...(cursor === undefined ? {} : { cursor }) });
    // Previews have the spec that was thought of.
    for (const job of page.items.filter((one) => one.uid === uid && one.kind !== 'preview')) {
      if (Date.parse(job.createdAt) < at.getTime()) return JSON.stringify(job.spec.hibernation) === JSON.stringify(spec.hibernation);
      if (job.kind === 'hibernate' || job.kind === 'wake') return false;
    }
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  // Its jobs are not known any more.
  return Date.parse(createdAt) < at.getTime();
}
