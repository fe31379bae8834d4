import { isAccepted } from '../../../model/drift.js';
import type { UnhealthyMachine } from '../../../model/node-health.js';
import type { OperationContext, Phase } from '../context.js';
import { ruleFinding } from '../findings.js';
import { knownOutputs } from '../known-outputs.js';
import { lookAtCluster } from '../kubernetes.js';
import { scopeOf, tell } from '../kubernetes-made.js';
import { restoreNodes } from '../node-files.js';
import { orderableNodes } from '../orders.js';
import { infrastructureProgram, platformProgram } from '../programs.js';
import { sinkOf } from '../sink.js';
import { endUnhealthy } from '../unhealthy-machines.js';

/** Reads what exists into the states: what somebody has deleted or changed by hand is then made again by the phases that follow. */
export const refresh: Phase = {
  limitMs: 30 * 60_000,
  async run(context, signal) {
    const { stacks, states } = context;
    if (states.infrastructure === undefined) return;
    const { request } = context.job.intent;
    if (request?.kind === 'repair') {
      await endUnhealthy(context, request.replace, signal);
      await refreshMachines(context, request.replace, signal);
      return;
    }
    await removeForeignRules(context);
    // A machine that has gone does not answer: that is waited for while the engine reads.
    const nodes = context.lost ? undefined : restoreFiles(context, signal);
    nodes?.catch(() => undefined);
    await stacks.infrastructure.refresh(await infrastructureProgram(context, false), { sink: sinkOf(context), signal });
    await nodes;
    // What lies in Kubernetes comes back with its control planes: see `platform`.
    if (context.lost) return;
    await refreshPlatform(context, signal);
  },
};

/** For machines alone: nobody has asked for anything else to be put right, and the sooner they are back the better. What belongs to a machine has its part in the name: `cp-1-etcd`, `api-cp-1`. */
async function refreshMachines(context: OperationContext, machines: readonly UnhealthyMachine[], signal: AbortSignal): Promise<void> {
  const stack = context.stacks.infrastructure;
  const parts = machines.map(({ part }) => `-${part}-`);
  const urns = (await stack.state())?.resources.filter(({ name }) => parts.some((part) => `-${name}-`.includes(part))).map(({ urn }) => urn) ?? [];
  if (urns.length > 0) await stack.refresh(await infrastructureProgram(context, false), { sink: sinkOf(context), signal }, urns);
}

/** Control planes that have joined need no API server for it: it may be what an edited manifest has stopped. */
async function restoreFiles(context: OperationContext, signal: AbortSignal): Promise<void> {
  if (knownOutputs(context) === undefined) return;
  await restoreNodes(context, await orderableNodes(context), signal);
}

/** No state has them, so the engine would leave them. */
async function removeForeignRules(context: OperationContext): Promise<void> {
  const rules = await context.cloud.foreignRules(scopeOf(context), context.states.infrastructure?.resources ?? []);
  for (const rule of rules.filter((one) => !isAccepted(ruleFinding(one), context.spec.drift?.accepted))) {
    await context.cloud.removeRule(rule);
    tell(context, 'warning', `A rule that somebody had added is removed: ${rule.words}, ${rule.id} of ${rule.group}.`);
  }
}

/** The platform's, where the cluster answers; where it does not, what is in it is looked at again by the phase that installs it. */
export async function refreshPlatform(context: OperationContext, signal: AbortSignal): Promise<void> {
  const { stacks, states, cluster } = context;
  const connection = cluster?.connection ?? undefined;
  const outputs = knownOutputs(context);
  if (states.platform === undefined || connection === undefined || outputs === undefined) return;
  context.connection = connection;
  if ((await lookAtCluster(context, (client) => client.ready())) !== true) {
    tell(context, 'warning', 'The API server does not answer: what lies in Kubernetes is not compared with its state.');
    return;
  }
  await stacks.platform.refresh(await platformProgram(context, outputs, connection), { sink: sinkOf(context), signal });
}
