import { isAccepted, withRepair, type DriftFinding, type DriftReport } from '../../../model/drift.js';
import type { OperationContext, Phase } from '../context.js';
import { deviationFindings, inspectionFindings, ruleFindings } from '../findings.js';
import { lookAtCluster } from '../kubernetes.js';
import { scopeOf, tell } from '../kubernetes-made.js';
import { inspectNodes } from '../node-files.js';
import { orderableNodes } from '../orders.js';
import { platformProgram, wholeInfrastructureProgram } from '../programs.js';
import { filled } from '../sink.js';

/** What a layer came to. */
type Compared = Pick<DriftReport, 'findings' | 'unchecked'>;

/**
 * Compares what is with what should be, layer by layer, and writes nothing. What cannot be looked at stands in the report as unchecked. The engine's programs run one after the other: two
 * in one process would end each other.
 */
export const compare: Phase = {
  limitMs: 40 * 60_000,
  async run(context, signal) {
    const accepted = context.spec.drift?.accepted;
    // A node is told nothing by the engine, nor the engine by a node.
    const nodes = nodeLayer(context, signal);
    nodes.catch(() => undefined);
    const layers = [await cloudLayer(context, signal), await addonLayer(context, signal), await nodes];
    const findings = layers.flatMap((layer) => layer.findings).map((finding) => withRepair(finding, accepted)).sort((one, other) => (one.id < other.id ? -1 : 1));
    for (const { layer, resource, property, expected, seen } of findings.filter((finding) => !isAccepted(finding, accepted))) tell(context, 'warning', `${layer}: ${resource}${property === null ? '' : `, ${property}`}: ${seen}, not ${expected}.`);
    context.report({ type: 'report', report: { kind: 'drift', at: new Date().toISOString(), findings, unchecked: layers.flatMap(({ unchecked }) => unchecked) } });
  },
};

/** What the engine knows of, and the rules that it does not. */
async function cloudLayer(context: OperationContext, signal: AbortSignal): Promise<Compared> {
  const held = context.states.infrastructure?.resources ?? [];
  const rules = await context.cloud.foreignRules(scopeOf(context), held);
  const deviations = await context.stacks.infrastructure.deviations(await wholeInfrastructureProgram(context, false), signal);
  return { findings: [...deviationFindings('cloud', deviations), ...ruleFindings(rules)], unchecked: [] };
}

/** Each control plane looks at itself. Where one does not answer, nobody knows. */
async function nodeLayer(context: OperationContext, signal: AbortSignal): Promise<Compared> {
  const looks = await inspectNodes(context, await orderableNodes(context), signal);
  return {
    findings: looks.flatMap(({ node, inspection }) => inspection === undefined ? [] : inspectionFindings(node, inspection)),
    unchecked: looks.flatMap(({ node, reason }) => reason === undefined ? [] : [{ layer: 'nodes' as const, resource: node, reason }]),
  };
}

async function addonLayer(context: OperationContext, signal: AbortSignal): Promise<Compared> {
  const { stacks, states, connection } = context;
  const findings: DriftFinding[] = [];
  const unchecked = (reason: string): Compared => ({ findings, unchecked: [{ layer: 'add-ons', resource: stacks.platform.name, reason }] });
  if (states.platform === undefined || connection === undefined) return unchecked('The platform was never installed.');
  if ((await lookAtCluster(context, (client) => client.ready())) !== true) return unchecked('The API server does not answer.');
  const program = await platformProgram(context, filled(context.outputs, 'the infrastructure\'s outputs'), connection);
  return { findings: deviationFindings('add-ons', await stacks.platform.deviations(program, signal)), unchecked: [] };
}
