import { blockCreation, drainRound, isDrained, type DrainRound } from '../../kubernetes/drain.js';
import type { OperationContext, Phase } from '../context.js';
import { lookAtCluster } from '../kubernetes.js';
import { removeByTag, tell } from '../kubernetes-made.js';
import { ownStates } from '../own-stacks.js';
import { holdsWithin } from '../poll.js';
import { settle } from '../settle/index.js';

/** Times in milliseconds: until the API server counts as unreachable, for the block to take hold, and for the controllers to let go of everything. */
const answerLimit = 30_000;
const blockLimit = 30_000;
const drainLimit = 10 * 60_000;

/**
 * Removes what Kubernetes made in the cloud, while there is somebody to remove it: load balancers, gateways and disks would keep the network from being
 * deleted, or stay and cost money. The cluster's own controllers do it where its API server answers; what is left then, or everything where it does
 * not, is found by its tags.
 */
export const drain: Phase = {
  limitMs: 20 * 60_000,
  async run(context, signal) {
    if (context.job.kind === 'cluster-drill') await lookAtMade(context, signal);
    await drainInCluster(context, signal);
    await removeByTag(context, signal, { disksLater: true });
  },
};

/** What a drill has made is not in the stacks as it began with them, and where making it has failed, not all of it in the stacks as they are. */
async function lookAtMade(context: OperationContext, signal: AbortSignal): Promise<void> {
  context.states = await ownStates(context);
  if (context.failure !== undefined) await settle(context, signal);
}

async function drainInCluster(context: OperationContext, signal: AbortSignal): Promise<void> {
  const connection = context.connection ?? context.cluster?.connection ?? undefined;
  // Without a connection there never was a platform, and without its controllers nobody made anything.
  if (connection === undefined) return;
  context.connection = connection;
  if (!(await holdsWithin(answerLimit, signal, async () => (await lookAtCluster(context, (client) => client.ready())) === true))) {
    tell(context, 'warning', `The API server did not answer within ${answerLimit / 1000} seconds: what Kubernetes made in the cloud is looked for by its tags.`);
    return;
  }
  if (!(await holdsWithin(blockLimit, signal, async () => (await lookAtCluster(context, blockCreation)) === true))) {
    tell(context, 'warning', 'The creation of new load balancers and volumes could not be blocked; the deletion goes on and looks for them again.');
  }
  let last: DrainRound | undefined;
  const drained = await holdsWithin(drainLimit, signal, async () => {
    const round = await lookAtCluster(context, drainRound);
    if (round === undefined) return false;
    if (!isDrained(round) && (last === undefined || counted(round) !== counted(last))) tell(context, 'info', `Draining the cluster: ${counted(round)}.`);
    last = round;
    return isDrained(round);
  });
  if (!drained) {
    tell(context, 'warning', `After ${drainLimit / 60_000} minutes the cluster still has ${last === undefined ? 'not answered' : counted(last)}: what it made in the cloud is looked for by its tags.`);
  }
}

function counted({ services, gateways, claims, volumes }: DrainRound): string {
  const parts: [number, string][] = [[services, 'services with a load balancer'], [gateways, 'gateways'], [claims, 'volume claims'], [volumes, 'volumes']];
  return parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`).join(', ') || 'nothing';
}
