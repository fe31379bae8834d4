import { isAccepted } from '../../model/drift.js';
import { inspectionSchema, restoredFilesSchema, type Inspection } from '../../model/orders.js';
import { inspectionFindings } from './findings.js';
import { tell } from './kubernetes-made.js';
import { isOrderFailure, ordered, type OrderContext } from './orders.js';
import type { OperationContext } from './context.js';

/** A look takes seconds; a machine that has gone never answers. In milliseconds. */
const inspectMs = 2 * 60_000;
/** Static pods start one after the other, each within a minute or two. In milliseconds. */
const restoreMs = 10 * 60_000;

/** What a control plane has found on itself, or why it has not looked. */
export interface NodeLook {
  readonly node: string;
  readonly inspection?: Inspection;
  readonly reason?: string;
}

/** Has control planes compare their files and settings with what they should be, all at the same time. */
export async function inspectNodes(context: OrderContext, nodes: readonly string[], signal: AbortSignal): Promise<NodeLook[]> {
  return Promise.all(nodes.map((node) => inOrder(node, async () => {
    const inspection = inspectionSchema.parse(await ordered(context, node, { task: 'inspect', step: 'inspect', limitMs: inspectMs }, signal));
    return { node, inspection };
  })));
}

/** Has control planes that are other than they should be put that right, one after the other, but for what the spec accepts. What does not work is told as a warning: the phases behind this one find out what comes of it. */
export async function restoreNodes(context: OrderContext & Pick<OperationContext, 'report' | 'spec'>, nodes: readonly string[], signal: AbortSignal): Promise<void> {
  for (const { node, inspection, reason } of await inspectNodes(context, nodes, signal)) {
    if (reason !== undefined) tell(context, 'warning', `What is on the disk of ${node} was not looked at: ${reason}`);
    const findings = inspection === undefined ? [] : inspectionFindings(node, inspection);
    const kept = findings.filter((finding) => isAccepted(finding, context.spec.drift?.accepted)).flatMap(({ property }) => property ?? []);
    if (findings.length === kept.length) continue;
    const { reason: failure } = await inOrder(node, async () => {
      const names = restoredFilesSchema.parse(await ordered(context, node, { task: 'restore-files', step: 'restore-files', arguments: kept, limitMs: restoreMs }, signal));
      tell(context, 'warning', `${node} has put back what was there when it had joined: ${names.join(', ')}.`);
      return { node };
    });
    if (failure !== undefined) tell(context, 'warning', `${node} could not put back what was there when it had joined: ${failure}`);
  }
}

/** A look, or why there is none. Anything but a node's own failure ends the phase. */
async function inOrder(node: string, order: () => Promise<NodeLook>): Promise<NodeLook> {
  try {
    return await order();
  } catch (error) {
    if (!isOrderFailure(error)) throw error;
    return { node, reason: error.message };
  }
}
