import { isClusterwrightError } from '../../model/errors.js';
import type { InfrastructureOutputs } from '../../programs/provider.js';
import { infrastructureOutputs } from '../engine/outputs.js';
import type { OperationContext } from './context.js';

/** The infrastructure's outputs as its state has them; undefined where it was never whole. */
export function knownOutputs({ stacks, states }: Pick<OperationContext, 'stacks' | 'states'>): InfrastructureOutputs | undefined {
  try {
    return infrastructureOutputs(states.infrastructure?.outputs ?? {}, stacks.infrastructure.name);
  } catch (error) {
    if (isClusterwrightError(error)) return undefined;
    throw error;
  }
}
