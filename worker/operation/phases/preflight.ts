import { ClusterwrightError } from '../../../model/errors.js';
import type { JobRecord } from '../../../model/job.js';
import { stackKinds, type StackKind } from '../../../model/names.js';
import { isGone, locksOf } from '../../engine/locks.js';
import type { StackState } from '../../engine/export.js';
import type { OperationContext, Phase } from '../context.js';

/**
 * Checks all that can be checked before anything is touched: reach, the account, quotas, and the stacks. Passphrase or key are checked by the engine,
 * since all stacks share the installation's; the installation itself was compared before this process was told to start.
 */
export const preflight: Phase = {
  limitMs: 5 * 60_000,
  async run(context) {
    if (changeOf(context) !== 'delete') checkReach(context);
    await Promise.all([openStacks(context), context.cloud.checkIdentity(), changeOf(context) === 'create' ? context.cloud.checkQuotas(context.spec) : undefined]);
    if (changeOf(context) !== 'delete') checkPending(context);
    // A stack that is being made is locked by the one who makes it: us.
    if (context.job.kind !== 'preview' && context.job.kind !== 'create') await Promise.all(stackKinds.map((kind) => checkLock(context, kind)));
  },
};

function changeOf({ job }: OperationContext): JobRecord['intent']['change'] {
  return job.kind === 'preview' ? job.intent.change : job.kind;
}

/** Reads the stacks, or makes them. A new cluster has none yet: making them tells whether that is so in one call of the engine instead of two. */
async function openStacks(context: OperationContext): Promise<void> {
  const { job, stacks } = context;
  if (job.kind === 'preview' && job.intent.change === 'create') return;
  if (job.kind === 'create') {
    const made = (kind: StackKind): Promise<StackState | undefined> => stacks[kind].create().then((isNew) => (isNew ? undefined : stacks[kind].state()));
    const platform = made('platform').then((state) => checkedPlatform(context, state));
    // Whoever needs it waits for it; until then its failure is nobody's.
    platform.catch(() => undefined);
    context.platformReady = platform;
    context.states = { infrastructure: await made('infrastructure'), platform: undefined };
    return;
  }
  const [infrastructure, platform] = await Promise.all([stacks.infrastructure.state(), stacks.platform.state()]);
  context.states = { infrastructure, platform };
  if (job.kind === 'preview' || job.kind === 'delete') return;
  const missing = stackKinds.filter((kind) => context.states[kind] === undefined);
  await Promise.all(missing.map((kind) => stacks[kind].create()));
}

async function checkedPlatform(context: OperationContext, state: StackState | undefined): Promise<void> {
  context.states = { ...context.states, platform: state };
  checkPending(context);
}

/**
 * An engine that was killed leaves what it was at work on as pending. The next update would make such a resource a second time, so nothing
 * goes on until somebody has looked; a deletion goes on, and its scan looks for what no state knows.
 */
function checkPending({ states }: OperationContext): void {
  const pending = stackKinds.flatMap((kind) => states[kind]?.pending ?? []);
  if (pending.length === 0) return;
  const list = pending.map(({ operation, type, name }) => `${name} (${type}, ${operation})`).join(', ');
  throw new ClusterwrightError('pending-operations', `An engine was interrupted while it worked on: ${list}.`, { resource: pending[0]?.name });
}

function checkReach({ spec, account }: OperationContext): void {
  if (spec.network.apiServer.public) return;
  switch (account.reach.type) {
    case 'peering':
      return;
    case 'public':
      throw new ClusterwrightError('cluster-unreachable', `The API server of ${spec.name} is private, and the account "${spec.account}" reaches public ones only.`, { resource: spec.account });
    case 'tunnel':
      throw new ClusterwrightError('reach-not-supported', `The account "${spec.account}" names a tunnel as the way to private clusters, which this version does not have.`, { resource: spec.account });
  }
}

/**
 * Sees a lock on a `file://` backend before the first phase; on other backends the engine finds it when the stack's turn comes, and changes
 * nothing without it. The lock of an engine that was killed on this host is removed: the lease says that no other operation of ours works on the
 * cluster, and a process that is gone holds nothing.
 */
async function checkLock({ backendUrl, stacks }: OperationContext, kind: StackKind): Promise<void> {
  const held = await locksOf(backendUrl, stacks[kind].name);
  const alive = held.find((lock) => !isGone(lock));
  if (alive) throw new ClusterwrightError('stack-locked', `${stacks[kind].name} is locked by the process ${alive.pid} on ${alive.hostname}.`, { resource: stacks[kind].name });
  if (held.length > 0) await stacks[kind].unlock();
}
