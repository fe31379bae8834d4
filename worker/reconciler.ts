import type { JobRecord } from '../model/job.js';
import type { HeldLease, QueueName } from '../store/contract.js';
import { queueNames, queueOf } from '../store/queue.js';
import type { Store } from '../store/store.js';
import type { Operations } from './operations.js';
import { isDead } from './processes.js';
import type { Slots } from './slots.js';

/** What the reconciler is made of. */
export interface ReconcilerParts {
  readonly store: Pick<Store, 'orphans' | 'leases' | 'getJob'>;
  readonly operations: Pick<Operations, 'takeOver'>;
  readonly slots: Readonly<Record<QueueName, Pick<Slots, 'want'>>>;
}

/**
 * Takes the jobs over whose worker is gone, as far as there are slots for them, and runs them again. On the same host a dead worker is known at once,
 * elsewhere by its lease, some seconds after that has ended; a lease that was given up is nobody's at once.
 */
export async function takeOverOrphans({ store, operations, slots }: ReconcilerParts): Promise<void> {
  const waiting: Record<QueueName, number> = { operations: 0, previews: 0 };
  for (const { job, dead, orderly } of await orphans(store)) {
    if (!(await operations.takeOver(job, { dead, orderly }))) waiting[queueOf(job.kind)] += 1;
  }
  for (const queue of Object.keys(queueNames) as QueueName[]) slots[queue].want(waiting[queue]);
}

interface Orphan {
  readonly job: JobRecord;
  /** The lease of a worker of this host that is gone. */
  readonly dead: HeldLease | undefined;
  /** Nobody has lost the job: its lease was given up. */
  readonly orderly: boolean;
}

async function orphans(store: ReconcilerParts['store']): Promise<Orphan[]> {
  const [leases, expired] = await Promise.all([store.leases(), store.orphans()]);
  const held = new Map(leases.map((lease) => [lease.jobId, lease]));
  const known = new Set(expired.map(({ id }) => id));
  const dead = leases.filter((lease) => isDead(lease.owner) && !known.has(lease.jobId));
  const lost = await Promise.all(dead.map(async (lease) => ({ lease, job: await store.getJob(lease.jobId) })));
  return [
    ...expired.map((job): Orphan => ({ job, dead: undefined, orderly: !held.has(job.id) })),
    ...lost.flatMap(({ lease, job }): Orphan[] => (job === undefined ? [] : [{ job, dead: lease, orderly: false }])),
  ];
}
