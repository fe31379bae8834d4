import { drillFailure, faultsCompared, measuredDrill, type Comparison, type DrillReport } from '../../../model/drill.js';
import { ClusterwrightError, isClusterwrightError } from '../../../model/errors.js';
import { jobError } from '../../../model/job.js';
import { objectsBackupPrefix } from '../../../model/objects-backup.js';
import { veleroPath, veleroRun } from '../../kubernetes/velero.js';
import type { KubernetesClient } from '../../kubernetes/client.js';
import type { OperationContext, Phase } from '../context.js';
import { lookAtCluster } from '../kubernetes.js';
import { tell } from '../kubernetes-made.js';
import { broughtBack } from '../objects/at-rest.js';
import { comparedSchema, digestOf, objectKey, savedObjects, type SavedObjects } from '../objects/saved-objects.js';
import { pollWithin } from '../poll.js';
import { restoreName } from './restore-objects.js';

/** An API server that does not answer for so long is a fault of the drill. In milliseconds. */
const answerMs = 5 * 60_000;

/**
 * Compares what a drill has brought back with its backup, and reports what the drill has come to: also where an earlier phase has failed, which it knows then. What is wrong, and a target that is missed, is `drill-failed`. Times are those of
 * the job, so that one which is taken over does not begin anew.
 */
export const compareObjects: Phase = {
  limitMs: 60 * 60_000,
  async run(context, signal) {
    const { job, spec, failure } = context;
    const { request } = job.intent;
    if (request?.kind !== 'cluster-drill') throw new Error('a drill does not say of what');
    const at = job.startedAt ?? new Date().toISOString();
    const { comparison, faults: unlike } = await compared(context, request.backup, signal);
    const found = [...(failure === undefined ? [] : [wordsOf(failure.error)]), ...unlike];
    const measured = measuredDrill({ at, savedAt: request.at, targets: spec.recovery.targets.cluster, found, now: new Date() });
    const backup = { id: objectsBackupPrefix + request.backup, at: request.at };
    const report: DrillReport = { kind: 'drill', of: 'cluster', backup, node: null, cluster: spec.name, ...measured, finding: null, comparison };
    context.report({ type: 'report', report });
    const failed = drillFailure(report, spec.name);
    if (failed !== undefined) throw failed;
    tell(context, 'info', `${backup.id} of ${request.source.name} has come back in ${spec.name}, with all of its ${comparison?.objects.found} objects that a drill tries: RPO ${measured.rpoSeconds} s, RTO ${measured.rtoSeconds} s.`);
  },
};

/** What of the backup is there, where it has come so far: also of a restore that did not bring everything. */
async function compared(context: OperationContext, backup: string, signal: AbortSignal): Promise<{ readonly comparison: Comparison | null; readonly faults: readonly string[] }> {
  const { failure, source, job, spec } = context;
  if ((failure !== undefined && !(isClusterwrightError(failure.error) && failure.error.code === 'objects-not-restored')) || source === undefined) return { comparison: null, faults: [] };
  try {
    const saved = await savedObjects(await source.store(), backup);
    const { there, velero } = await pollWithin(answerMs, signal, () => lookAtCluster(context, async (client) => ({ there: await objectsIn(client), velero: await veleroRun(client, veleroPath(spec.provider, 'Restore', restoreName(job))) })),
      () => new ClusterwrightError('cluster-unreachable', `The API server of ${spec.name} did not answer for ${answerMs / 60_000} minutes.`, { resource: spec.name }));
    const comparison = comparisonOf(saved, there, velero?.status ?? null);
    return { comparison, faults: faultsCompared(comparison) };
  } catch (error) {
    if (signal.aborted || !isClusterwrightError(error)) throw error;
    return { comparison: null, faults: [wordsOf(error)] };
  }
}

/** The objects of the kinds that a drill brings back, as `SavedObjects` has them. */
async function objectsIn(client: KubernetesClient): Promise<SavedObjects['expected']> {
  const there = new Map<string, string | undefined>();
  for (const [resource, path] of Object.entries(broughtBack)) for (const object of (await client.objects(path, comparedSchema)) ?? []) there.set(objectKey(resource, object), digestOf(resource, object));
  return there;
}

/** Counts by kind and namespace. Pure. */
export function comparisonOf({ expected, leftOut }: SavedObjects, there: SavedObjects['expected'], velero: Comparison['velero']): Comparison {
  const counted = (among: readonly string[], isAsItShouldBe: (key: string) => boolean): Comparison['missing'] => {
    const counts = new Map<string, { resource: string; namespace: string; expected: number; found: number }>();
    for (const key of among) {
      const [resource = '', namespace = ''] = key.split(' ');
      const count = counts.get(`${resource} ${namespace}`) ?? { resource, namespace, expected: 0, found: 0 };
      counts.set(`${resource} ${namespace}`, { ...count, expected: count.expected + 1, found: count.found + (isAsItShouldBe(key) ? 1 : 0) });
    }
    return [...counts.values()].filter((count) => count.found < count.expected);
  };
  const found = [...expected.keys()].filter((key) => there.has(key));
  return {
    objects: { expected: expected.size, found: found.length },
    missing: counted([...expected.keys()], (key) => there.has(key)),
    different: counted(found, (key) => there.get(key) === expected.get(key)),
    velero: velero === null ? null : { warnings: velero.warnings, errors: velero.errors },
    leftOut,
  };
}

/** Of an error that is not ours nothing is told: it could hold anything. */
function wordsOf(error: unknown): string {
  const { code, detail } = jobError(error);
  return `${detail} (${code})`;
}
