import { ClusterwrightError } from '../../model/errors.js';
import type { NodeStep } from '../../model/rendezvous.js';
import type { Cloud } from '../cloud/cloud.js';
import type { FromOperation } from './protocol.js';

/** What the watch needs of an operation. */
interface NodeWatchContext {
  readonly cloud: Pick<Cloud, 'nodeSteps'>;
  report(message: Extract<FromOperation, { type: 'event' }>): void;
}

/** Reports every step that a node makes, once, and ends the phase with the node's own words when one fails. */
export class NodeWatch {
  readonly #told = new Map<string, string>();

  /** @param since when the job began: what nodes did before it is history */
  constructor(private readonly context: NodeWatchContext, private readonly since: Date) {}

  /** The nodes' steps now. Throws `node-failed`. */
  async look(): Promise<NodeStep[]> {
    const steps = await this.context.cloud.nodeSteps();
    for (const step of steps) {
      const key = `${step.step} ${step.at}`;
      if (this.#told.get(step.node) === key) continue;
      this.#told.set(step.node, key);
      this.context.report({ type: 'event', event: { type: 'node', node: step.node, role: step.role, step: step.step, message: step.message } });
    }
    // A node that failed long ago may be one that the autoscaler has replaced since: only what fails now ends the phase.
    const failed = steps.find(({ step, at }) => step === 'failed' && Date.parse(at) >= this.since.getTime());
    if (failed) throw new ClusterwrightError('node-failed', `${calledBy(failed)}: ${failed.message ?? 'it gave no reason.'}`, { resource: failed.node });
    return steps;
  }
}

/** A control plane by its number, as its machine and its disks are called, and every node by its name. */
function calledBy({ node, role, index }: NodeStep): string {
  return index === null ? `${node} (${role})` : `cp-${index} (${node})`;
}
