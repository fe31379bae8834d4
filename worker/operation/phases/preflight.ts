import { stateDuring } from '../../../model/cluster.js';
import { ClusterwrightError, isClusterwrightError } from '../../../model/errors.js';
import { makesCluster, type JobRecord } from '../../../model/job.js';
import { stackKinds, type StackKind } from '../../../model/names.js';
import { rolloutOf } from '../../../model/rollout.js';
import type { StackState } from '../../engine/export.js';
import { infrastructureOutputs } from '../../engine/outputs.js';
import { earlierResult } from '../cluster-drill.js';
import type { OperationContext, Phase } from '../context.js';
import { settleRestore } from '../etcd-restore.js';
import { knownOutputs } from '../known-outputs.js';
import { areControlPlanesLost } from '../lost-control-planes.js';
import { tell } from '../kubernetes-made.js';
import { isOrderFailure } from '../orders.js';
import { ownState, ownStates } from '../own-stacks.js';
import { settle } from '../settle/index.js';

/** Kinds of jobs that work on a cluster as it is, without a phase that makes it. */
const onRunningCluster: readonly JobRecord['kind'][] = ['rotate', 'restore', 'restore-objects', 'hibernate', 'wake'];

/** Kinds of jobs that switch machines on and off themselves. */
const changesPower: readonly JobRecord['kind'][] = ['hibernate', 'wake'];

/**
 * Checks all that can be checked before anything is touched: reach, the account, quotas, and the stacks. Passphrase or key are checked by the engine,
 * since all stacks share the installation's; the installation itself was compared before this process was told to start. Then it settles what an
 * earlier attempt or job has left in doubt. What leaves a cluster as it is looks at the stacks as they are.
 */
export const preflight: Phase = {
  limitMs: 15 * 60_000,
  async run(context, signal) {
    if (!removes(context)) checkReach(context);
    await Promise.all([openStacks(context), context.cloud.checkIdentity(), makesCluster(changeOf(context)) && !removes(context) ? context.cloud.checkQuotas(context.spec) : undefined]);
    // A new stack is locked by the one who makes it: us.
    if (stateDuring[context.job.kind] === null || isFirstTry(context)) return;
    await settle(context, signal);
    if (removes(context)) return;
    if (!changesPower.includes(context.job.kind)) await switchStoppedOn(context);
    await settleControlPlanes(context, signal);
  },
};

/** A control plane that is switched off, by a hibernation that was left in the middle for instance, is no help to any other change. */
async function switchStoppedOn(context: OperationContext): Promise<void> {
  const machines = knownOutputs(context)?.controlPlane.map(({ id }) => id) ?? [];
  const stopped = machines.length === 0 ? [] : [...await context.cloud.powerOf(machines)].flatMap(([id, power]) => (power === 'off' ? [id] : []));
  if (stopped.length === 0) return;
  tell(context, 'warning', `${stopped.length} of the control planes are switched off: they are switched on.`);
  await context.cloud.switchMachines(stopped, 'on');
}

/**
 * Takes back what an earlier restore wanted of new machines, and finds out whether any control plane is left: where none is, a restore goes another way, and nothing else makes sense. Those that a restore has left
 * stopped are started. Where nobody can be asked, since what they meet in is gone, the phases that follow make that again. Throws `control-planes-lost`.
 */
async function settleControlPlanes(context: OperationContext, signal: AbortSignal): Promise<void> {
  const { job, cloud } = context;
  if (knownOutputs(context) === undefined || !context.cluster?.connection) return;
  try {
    const asked = await cloud.restoration();
    if (asked !== undefined && asked.id !== job.id) await cloud.askRestoration(undefined);
    context.lost = asked?.id === job.id || (await areControlPlanesLost(context));
    if (context.lost && job.kind !== 'restore') throw new ClusterwrightError('control-planes-lost', `No control plane of ${job.cluster} is left, and what etcd held is gone with them.`, { resource: job.cluster });
    if (!context.lost) await settleRestore(context, signal);
  } catch (error) {
    if (!isClusterwrightError(error) || isOrderFailure(error) || error.code === 'control-planes-lost') throw error;
    tell(context, 'warning', `Whether a restore was left in the middle is not known: ${error.message}`);
  }
}

function changeOf({ job }: OperationContext): JobRecord['intent']['change'] {
  return job.kind === 'preview' ? job.intent.change : job.kind;
}

/** Whether the cluster is only to go: a deletion, also the preview of one, or the rest of a drill whose result is known. */
function removes(context: OperationContext): boolean {
  return changeOf(context) === 'delete' || earlierResult(context.job) !== undefined;
}

/** Whether nobody has worked on the cluster before. */
function isFirstTry({ job }: OperationContext): boolean {
  return makesCluster(job.kind) && job.attempt === 1 && job.intent.retryOf === null;
}

/** Reads the stacks, or makes them. */
async function openStacks(context: OperationContext): Promise<void> {
  const { job, stacks } = context;
  if (job.kind === 'preview' && job.intent.change === 'create') return;
  if (isFirstTry(context)) return makeStacks(context);
  context.states = await ownStates(context);
  const record = context.states.infrastructure?.record;
  context.rollout = record && rolloutOf(record);
  if (stateDuring[job.kind] === null || onRunningCluster.includes(job.kind)) knowCluster(context);
  if (stateDuring[job.kind] === null || removes(context)) return;
  checkDeletion(context);
  const missing = stackKinds.filter((kind) => context.states[kind] === undefined);
  await Promise.all(missing.map((kind) => stacks[kind].create()));
}

/** Where no phase finds out how the cluster is reached before it is worked on, the state and the record tell. */
function knowCluster(context: OperationContext): void {
  const { job, states, stacks, cluster } = context;
  if (job.kind === 'preview') return;
  context.outputs = infrastructureOutputs(states.infrastructure?.outputs ?? {}, stacks.infrastructure.name);
  context.connection = cluster?.connection ?? undefined;
  context.nodesJoined = Promise.resolve();
}

/** A new cluster has no stacks yet: making them tells whether that is so in one call of the engine instead of two. */
async function makeStacks(context: OperationContext): Promise<void> {
  const made = (kind: StackKind): Promise<StackState | undefined> =>
    context.stacks[kind].create().then(async (isNew) => (isNew ? undefined : ownState(context, kind, await context.stacks[kind].state())));
  const platform = made('platform').then((state) => {
    context.states = { ...context.states, platform: state };
  });
  // Whoever needs it waits for it; until then its failure is nobody's.
  platform.catch(() => undefined);
  context.platformReady = platform;
  const infrastructure = await made('infrastructure');
  context.states = { ...context.states, infrastructure };
}

/**
 * A deletion begins with the platform's stack, which a cluster that has had an API server cannot do without: what runs in it would be installed over
 * what is there, as if it were new.
 */
function checkDeletion({ cluster, states, spec }: OperationContext): void {
  if (!cluster?.connection || states.infrastructure === undefined || states.platform !== undefined) return;
  throw new ClusterwrightError('deletion-begun', `The deletion of ${spec.name} has let go of its platform.`, { resource: spec.name });
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
