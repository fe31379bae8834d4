import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { costOf, type Cost } from '../../../model/cost.js';
import { mergePlans, type StackPlan } from '../../../model/plan.js';
import { stackName } from '../../../model/names.js';
import type { ClusterSpec } from '../../../model/spec.js';
import { addonIdentities, type InfrastructureOutputs } from '../../../programs/provider.js';
import { declaredBy } from '../../engine/declared.js';
import { infrastructureOutputs } from '../../engine/outputs.js';
import { planOf } from '../../engine/plan.js';
import { EngineStack } from '../../engine/stack.js';
import type { OperationContext, Phase } from '../context.js';
import { lookAtCluster } from '../kubernetes.js';
import { infrastructureProgram, platformProgram, type InfrastructureRun } from '../programs.js';
import { tellReadiness } from './readiness.js';

/** Works out what a change would do. Nothing is written to the backend, and no stack is locked. */
export const plan: Phase = {
  limitMs: 20 * 60_000,
  async run(context, signal) {
    context.report({ type: 'plan', plan: mergePlans(await plansFor(context, signal), costFor(context)) });
  },
};

/** Cost is of the spec, not of the machines that happen to be there. A cluster that is hibernated takes no change but to be woken or deleted. */
function costFor({ job: { intent: { change } }, spec, cluster }: OperationContext): Cost | null {
  return costOf(change === 'delete' ? null : spec, cluster?.spec ?? null, { after: change === 'hibernate', before: cluster?.state === 'hibernated' });
}

async function plansFor(context: OperationContext, signal: AbortSignal): Promise<StackPlan[]> {
  const { states } = context;
  switch (context.job.intent.change) {
    case 'create':
      return creation(context, signal);
    case 'upgrade':
      await tellReadiness(context);
      return update({ ...context, rollout: undefined }, signal, { renewsPools: true });
    case 'update':
    case 'repair':
      return states.infrastructure === undefined ? creation(context, signal) : update(context, signal);
    case 'delete':
      return deletion(context, signal);
    case 'backup':
    case 'drift':
    case 'drill':
    case 'cluster-drill':
    case 'rotate':
    case 'restore':
    case 'restore-objects':
    case 'hibernate':
    case 'wake':
      return [];
  }
}

/** A cluster that does not exist: the infrastructure on a backend of its own that is thrown away, and the platform as its program declares it. */
async function creation(context: OperationContext, signal: AbortSignal): Promise<StackPlan[]> {
  const scratch = path.join(context.workDir, 'scratch');
  await mkdir(scratch, { recursive: true });
  const stack = new EngineStack(stackName(context.spec.name, 'infrastructure'), context.command, {
    workDir: path.join(context.workDir, 'scratch-work'),
    encryption: { secretsProvider: 'passphrase', salt: null, encryptedKey: null },
    // Nothing secret is ever encrypted with it: the backend goes with the work directory.
    environment: { PULUMI_BACKEND_URL: pathToFileURL(scratch).href, PULUMI_CONFIG_PASSPHRASE: 'scratch', PULUMI_CONFIG_PASSPHRASE_FILE: '' },
  });
  await stack.create();
  const infrastructure = await stack.preview(await infrastructureProgram(context, false), signal);
  return [infrastructure, await declaredPlatform(context)];
}

/** An existing cluster: the engine compares, the platform only where the cluster answers. */
async function update(context: OperationContext, signal: AbortSignal, more: InfrastructureRun = {}): Promise<StackPlan[]> {
  const { states, stacks, cluster } = context;
  const infrastructure = await stacks.infrastructure.preview(await infrastructureProgram(context, false, more), signal);
  context.connection = cluster?.connection ?? undefined;
  const answers = context.connection !== undefined && states.platform !== undefined && (await lookAtCluster(context, (client) => client.ready())) === true;
  if (!answers || context.connection === undefined) return [infrastructure, await declaredPlatform(context)];
  const outputs = infrastructureOutputs(states.infrastructure?.outputs ?? {}, stacks.infrastructure.name);
  return [infrastructure, await stacks.platform.preview(await platformProgram(context, outputs, context.connection), signal)];
}

async function deletion(context: OperationContext, signal: AbortSignal): Promise<StackPlan[]> {
  const { states, stacks, job } = context;
  const plans: StackPlan[] = [];
  // The program of a stack that holds nothing would wait for a provider that is in no state.
  if (states.infrastructure !== undefined && states.infrastructure.resources.length > 0) {
    plans.push(await stacks.infrastructure.previewDestroy(await infrastructureProgram(context, job.intent.retain === 'backups'), signal));
  }
  if (states.platform !== undefined) {
    plans.push(planOf(stacks.platform.name, 'declared', states.platform.resources.map(({ urn }) => ({ urn, op: 'delete' }))));
  }
  return plans;
}

/** What the platform's program declares, on infrastructure that does not exist yet. */
async function declaredPlatform(context: OperationContext): Promise<StackPlan> {
  const { stacks, spec } = context;
  const connection = { endpoint: '', address: '', certificateAuthority: '' };
  const program = await platformProgram(context, notYet(spec), connection);
  const resources = await declaredBy(program, stacks.platform.name);
  return planOf(stacks.platform.name, 'declared', resources.map((resource) => ({ ...resource, op: 'create' })));
}

/** Stands for outputs that only the creation will give; no name of a resource depends on them. */
function notYet({ name, network, nodePools }: ClusterSpec): InfrastructureOutputs {
  const later = `known after the creation of ${name}`;
  return {
    apiServerAddress: later, publicAddress: null, zones: [], networkId: later, nodeSubnets: {}, backupStore: later, keyId: later, controlPlane: [],
    issuerUrl: network.workloadIdentity ? later : null,
    nodePools: Object.fromEntries(nodePools.map((pool) => [pool.name, later])),
    addonIdentities: network.workloadIdentity ? Object.fromEntries(addonIdentities.map((addon) => [addon, later])) : {},
  };
}
