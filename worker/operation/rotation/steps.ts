import type { OrderTask } from '../../../model/orders.js';
import { tell } from '../kubernetes-made.js';
import { ordered } from '../orders.js';
import type { RotationContext } from './context.js';

/** A control plane may wait for another to be done, and ends and starts what runs on it: two minutes, and longer on a machine that is busy. In milliseconds. */
export const stepMs = 20 * 60_000;

/** One thing that is done about what all control planes share: by one of them for all, or, `follow`, by one after the other for itself. */
export interface Step {
  readonly name: string;
  readonly does: string;
  readonly told: string;
}

/** Orders one step after the other, each of which can be done again, and tells of each. Throws as `ordered` does. */
export async function goThrough(context: RotationContext, nodes: readonly string[], task: OrderTask, steps: readonly Step[], signal: AbortSignal): Promise<void> {
  for (const [index, { name, does, told }] of steps.entries()) {
    for (const node of does === 'follow' ? nodes : nodes.slice(0, 1)) await ordered(context, node, { task, step: name, arguments: [does], limitMs: stepMs }, signal);
    tell(context, 'info', told);
    context.report({ type: 'progress', done: index + 1, total: steps.length });
  }
}
