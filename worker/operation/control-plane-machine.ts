import { machineRoots } from '../../programs/provider.js';
import type { OperationContext } from './context.js';
import { infrastructureProgram } from './programs.js';
import { filled, sinkOf } from './sink.js';

/**
 * Deletes a machine of the control plane (`cp-1`) in the engine's own way: with all that hangs on it and nothing else, so that the state stays true. Its disk for etcd stays. Nothing happens where the state does not have it.
 * @param machine the cloud's id: only while the part is still this machine; absent: whichever it is
 */
export async function deleteControlPlane(context: OperationContext, signal: AbortSignal, part: string, machine?: string): Promise<void> {
  const { stacks: { infrastructure: stack }, spec } = context;
  const resources = filled(await stack.state(), 'the infrastructure').resources.filter(({ name }) => name === part);
  if (machine !== undefined && !resources.some(({ id }) => id?.toLowerCase() === machine.toLowerCase())) return;
  const roots = resources.filter(({ type }) => machineRoots[spec.provider].includes(type)).map(({ urn }) => urn);
  if (roots.length > 0) await stack.destroy(await infrastructureProgram(context, false), roots.length, { sink: sinkOf(context), signal }, roots);
}
