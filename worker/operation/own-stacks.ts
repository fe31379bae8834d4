import { ClusterwrightError } from '../../model/errors.js';
import { stackName, type StackKind } from '../../model/names.js';
import type { StackState } from '../engine/export.js';
import type { OperationContext } from './context.js';

/** The states of both stacks, as far as they are the cluster's. Throws `name-in-backend`. */
export async function ownStates(context: Pick<OperationContext, 'job' | 'spec' | 'uid' | 'stacks'>): Promise<OperationContext['states']> {
  const { stacks } = context;
  const [infrastructure, platform] = await Promise.all([stacks.infrastructure.state(), stacks.platform.state()]);
  return { infrastructure: ownState(context, 'infrastructure', infrastructure), platform: ownState(context, 'platform', platform) };
}

/**
 * The state of a stack, if it is the cluster's. Where Redis was lost, a new cluster may get the name of one that only the backend still knows: that one is not
 * touched. Its name cannot be used (throws `name-in-backend`), and for a deletion its stacks do not count.
 */
export function ownState({ job, spec, uid }: Pick<OperationContext, 'job' | 'spec' | 'uid'>, kind: StackKind, state: StackState | undefined): StackState | undefined {
  const other = state?.record?.uid;
  if (other === undefined || other === uid) return state;
  if (job.intent.change === 'delete') return undefined;
  const stack = stackName(spec.name, kind);
  throw new ClusterwrightError('name-in-backend', `${stack} belongs to the cluster "${spec.name}" with the uid ${other}, which Redis does not know.`, { resource: stack });
}
