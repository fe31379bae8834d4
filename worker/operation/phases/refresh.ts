import { isClusterwrightError } from '../../../model/errors.js';
import type { InfrastructureOutputs } from '../../../programs/provider.js';
import { infrastructureOutputs } from '../../engine/outputs.js';
import type { OperationContext, Phase } from '../context.js';
import { lookAtCluster } from '../kubernetes.js';
import { infrastructureProgram, platformProgram } from '../programs.js';
import { sinkOf } from '../sink.js';

/** Reads what exists into the states: what somebody has deleted or changed by hand is then made again by the phases that follow. */
export const refresh: Phase = {
  limitMs: 30 * 60_000,
  async run(context, signal) {
    const { stacks, states } = context;
    if (states.infrastructure === undefined) return;
    await stacks.infrastructure.refresh(await infrastructureProgram(context, false), { sink: sinkOf(context), signal });
    await refreshPlatform(context, signal);
  },
};

/** The platform's, where the cluster answers; where it does not, what is in it is looked at again by the phase that installs it. */
async function refreshPlatform(context: OperationContext, signal: AbortSignal): Promise<void> {
  const { stacks, states, cluster } = context;
  const connection = cluster?.connection ?? undefined;
  const outputs = knownOutputs(context);
  if (states.platform === undefined || connection === undefined || outputs === undefined) return;
  context.connection = connection;
  if ((await lookAtCluster(context, (client) => client.ready())) !== true) {
    context.report({ type: 'event', event: { type: 'message', severity: 'warning', text: 'The API server does not answer: what lies in Kubernetes is not compared with its state.', resource: null } });
    return;
  }
  await stacks.platform.refresh(await platformProgram(context, outputs, connection), { sink: sinkOf(context), signal });
}

/** The infrastructure's outputs as its state has them; undefined where it was never whole. */
function knownOutputs({ stacks, states }: OperationContext): InfrastructureOutputs | undefined {
  try {
    return infrastructureOutputs(states.infrastructure?.outputs ?? {}, stacks.infrastructure.name);
  } catch (error) {
    if (isClusterwrightError(error)) return undefined;
    throw error;
  }
}
