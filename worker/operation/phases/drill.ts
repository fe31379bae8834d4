import { ClusterwrightError } from '../../../model/errors.js';
import { drillFailure, drillFindingSchema, faultsFound, measuredDrill, type DrillFinding, type DrillReport } from '../../../model/drill.js';
import type { EtcdBackup } from '../../../model/report.js';
import type { OperationContext, Phase } from '../context.js';
import { tell } from '../kubernetes-made.js';
import { isOrderFailure, orderableNodes, ordered } from '../orders.js';

/** For the most that etcd may hold, and what a control plane waits at most for etcd and the API server to come up with it. In milliseconds. */
const drillMs = 45 * 60_000;

/**
 * Has one control plane bring the newest backup back beside the cluster and look through it. What is wrong with it, and a target that is missed, ends the job with `drill-failed`; it has its report all the same. The report's times
 * are those of the job, so that one which is taken over does not begin anew.
 */
export const drill: Phase = {
  limitMs: drillMs + 5 * 60_000,
  async run(context, signal) {
    const { job, spec } = context;
    const at = job.startedAt ?? new Date().toISOString();
    const { backup, node, finding, failure } = await attempt(context, signal);
    const found = [...failure, ...(finding === null ? [] : faultsFound(finding))];
    const measured = measuredDrill({ at, savedAt: backup?.at ?? null, targets: spec.recovery.targets, found, now: new Date() });
    const report: DrillReport = { kind: 'drill', of: 'etcd', backup, node, cluster: null, ...measured, finding, comparison: null };
    context.report({ type: 'report', report });
    const failed = drillFailure(report, spec.name);
    if (failed !== undefined) throw failed;
    tell(context, 'info', `${node} has brought ${backup?.id} back beside the cluster, with all of its ${finding?.objects.found} objects: RPO ${measured.rpoSeconds} s, RTO ${measured.rtoSeconds} s.`);
  },
};

/** What a control plane has found in the newest backup, or why nothing was found. */
async function attempt(context: OperationContext, signal: AbortSignal): Promise<Pick<DrillReport, 'backup' | 'node' | 'finding'> & { readonly failure: readonly string[] }> {
  const { cloud, spec } = context;
  const nodes = await orderableNodes(context, spec.controlPlane.replicas);
  const node = nodes.at(-1) ?? null;
  const step = 'drill';
  const begun = node === null ? undefined : await cloud.orderOf(node);
  const backups = await cloud.etcdSnapshots();
  // An earlier attempt at this job has ordered it of the backup that was the newest then.
  const chosen = begun?.id === `${context.job.id}.${step}` ? backups.find(({ id }) => id === begun.arguments[0]) : backups[0];
  if (chosen === undefined) return { backup: null, node: null, finding: null, failure: ['There is none.'] };
  const backup = named(chosen);
  if (node === null) return { backup, node, finding: null, failure: ['No control plane has joined that could try it.'] };
  try {
    const answer = await ordered(context, node, { task: 'restore-drill', arguments: [chosen.id], step, limitMs: drillMs }, signal);
    return { backup, node, finding: findingIn(answer, node), failure: [] };
  } catch (error) {
    if (!isOrderFailure(error)) throw error;
    return { backup, node, finding: null, failure: [error.message] };
  }
}

function named({ id, at }: EtcdBackup): DrillReport['backup'] {
  return { id, at };
}

/** Throws `order-failed` where a control plane answers something else. */
function findingIn(answer: unknown, node: string): DrillFinding {
  const parsed = drillFindingSchema.safeParse(answer);
  if (!parsed.success) throw new ClusterwrightError('order-failed', `${node}, "restore-drill": its answer makes no sense.`, { resource: node });
  return parsed.data;
}
