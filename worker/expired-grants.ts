import type { Logger } from 'pino';
import { grantsAt, withGrants } from '../model/access-grants.js';
import type { ClusterRecord } from '../model/cluster.js';
import { isOpen } from '../model/maintenance.js';
import { beginOwnJob, type OwnJobParts } from './own-jobs.js';

/** What grants are forgotten with. */
export interface GrantsParts extends OwnJobParts {
  readonly log: Logger;
}

/**
 * Takes grants whose time has passed out of the spec of a cluster that is ready, by an update, where it has nothing to do and its maintenance windows let it. Nobody's access waits for it: the control planes have taken that
 * away. A cluster that is not ready keeps them in its record until its next change, which leaves them out as well. Any number of workers may do this: an update is made on the version
 * that was read.
 */
export async function forgetExpiredGrants(parts: GrantsParts, cluster: ClusterRecord, now: Date): Promise<void> {
  const { spec: before } = cluster;
  const live = grantsAt(before, now);
  const past = before.access.grants.filter((grant) => !live.includes(grant));
  if (past.length === 0 || cluster.activeJob !== null || !isOpen(before.maintenance, now)) return;
  const spec = withGrants(before, live);
  const id = await beginOwnJob(parts, cluster, { kind: 'update', spec, request: { kind: 'update', access: { change: 'ended', grants: past } } }, now);
  if (id !== undefined) parts.log.info({ jobId: id, cluster: cluster.name, grants: past.map((grant) => grant.id) }, 'the time of grants has passed');
}
