import { accountOf } from '../../model/accounts.js';
import { ClusterwrightError } from '../../model/errors.js';
import { apiServerPort, endpointName, stackName, type StackKind } from '../../model/names.js';
import type { StackPlan } from '../../model/plan.js';
import type { Program } from '../../programs/provider.js';
import type { StackRecord } from '../../programs/record.js';
import { openCloud } from '../../worker/cloud/index.js';
import { infrastructureOutputs } from '../../worker/engine/outputs.js';
import type { EventSink } from '../../worker/engine/events.js';
import { infrastructureProgram, platformProgram } from '../../worker/operation/programs.js';
import type { Verb } from './options.js';
import type { BackendSession } from '../backend-session.js';

/** Runs a verb on a stack with the same inline program that the service runs, on the spec that the stack's state has. */
export async function runVerb(session: BackendSession, cluster: string, kind: StackKind, verb: Verb, say: (line: string) => void): Promise<void> {
  const stack = session.stack(stackName(cluster, kind));
  const record = await stack.record();
  if (!record) throw new ClusterwrightError('cluster-not-found', `The backend has no stack "${stack.name}" with a record of its cluster.`, { resource: stack.name });
  const program = kind === 'infrastructure' ? await infrastructureProgram(identityOf(session, record), false) : await platformOf(session, record);
  const { signal } = session;
  const sink = lines(say);
  switch (verb) {
    case 'preview':
      return sayPlan(await stack.preview(program, signal), say);
    case 'up':
      await stack.up(program, { sink, signal });
      return;
    case 'refresh':
      return stack.refresh(program, { sink, signal });
    case 'destroy':
      return stack.destroy(program, (await stack.state())?.resources.length ?? 0, { sink, signal });
  }
}

function identityOf(session: BackendSession, { spec, uid, slot, installation, rollout }: StackRecord) {
  return { spec, uid, slot, installation, rollout, account: accountOf(session.accounts, spec) };
}

/** The platform's program needs what the infrastructure came to, and what the nodes have published. */
async function platformOf(session: BackendSession, record: StackRecord): Promise<Program> {
  const identity = identityOf(session, record);
  const below = session.stack(stackName(record.spec.name, 'infrastructure'));
  const outputs = infrastructureOutputs((await below.state())?.outputs ?? {}, below.name);
  const cloud = await openCloud({ name: record.spec.name, uid: record.uid, region: record.spec.region }, identity.account);
  const { certificateAuthority } = await cloud.secrets();
  if (certificateAuthority === undefined) throw new ClusterwrightError('kubeconfig-not-ready', 'The control plane has not published its CA.', { resource: record.spec.name });
  const endpoint = `https://${endpointName(record.spec.name, record.spec.network.domain)}:${apiServerPort}`;
  return platformProgram(identity, outputs, { endpoint, address: outputs.apiServerAddress, certificateAuthority });
}

function lines(say: (line: string) => void): EventSink {
  return {
    event: (event) => {
      if (event.type === 'resource' && event.state !== 'started') say(`${event.op} ${event.resourceType} ${event.name}: ${event.state}`);
      if (event.type === 'message') say(`${event.severity}: ${event.text}`);
    },
    progress: () => undefined,
  };
}

function sayPlan(plan: StackPlan, say: (line: string) => void): void {
  for (const { op, type, name, properties } of plan.changes) say(`${op} ${type} ${name}${properties.length > 0 ? `: ${properties.join(', ')}` : ''}`);
  say(`${plan.create} to create, ${plan.update} to update, ${plan.replace} to replace, ${plan.delete} to delete, ${plan.same} unchanged`);
}
