import { ClusterwrightError } from '../../../model/errors.js';
import { stackKinds, type StackKind } from '../../../model/names.js';
import { holderOf, locksOf } from '../../engine/locks.js';
import type { OperationContext } from '../context.js';

/** What clearing locks needs of an operation. */
export type LockContext = Pick<OperationContext, 'job' | 'stacks' | 'backendUrl'>;

/**
 * Removes the locks that dead engines left on the cluster's stacks, and tells whether there was one. The lease says that no other operation of
 * ours works on the cluster, so a holder that is gone, or is on a host of which this one knows nothing, held it for an attempt before this one. A lock
 * whose holder runs on this host is somebody's by hand: throws `stack-locked`.
 */
export async function clearLocks(context: LockContext): Promise<boolean> {
  const cleared = await Promise.all(stackKinds.map((kind) => clearLock(context, kind)));
  return cleared.includes(true);
}

async function clearLock({ job, stacks, backendUrl }: LockContext, kind: StackKind): Promise<boolean> {
  const stack = stacks[kind];
  const again = job.attempt > 1 || job.intent.retryOf !== null || job.kind === 'repair';
  const held = (await locksOf(backendUrl, stack.name)).map((lock) => ({ ...lock, holder: holderOf(lock) }));
  const inTheWay = held.find(({ holder }) => holder === 'alive') ?? (again ? undefined : held.find(({ holder }) => holder === 'elsewhere'));
  if (inTheWay) throw new ClusterwrightError('stack-locked', `${stack.name} is locked by the process ${inTheWay.pid} on ${inTheWay.hostname}.`, { resource: stack.name });
  // Locks of other backends are not seen from here; removing one that is not there does nothing.
  const unseen = again && !backendUrl.startsWith('file://');
  if (held.length === 0 && !unseen) return false;
  await stack.unlock();
  return held.length > 0;
}
