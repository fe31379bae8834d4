import { z } from 'zod';
import { kubernetesVersions, type KubernetesVersion } from './spec.js';

/** What is looked at before an upgrade. */
export const readinessChecks = ['version', 'nodes', 'machines', 'disruption-budgets', 'webhooks', 'deprecated-apis', 'add-ons', 'etcd', 'certificates', 'backups'] as const;
export type ReadinessCheck = (typeof readinessChecks)[number];

/** What came of one check. `warn` says what may hold the upgrade up, `stop` what keeps it from beginning. */
export const checkResultSchema = z.strictObject({
  check: z.enum(readinessChecks),
  state: z.enum(['ok', 'warn', 'stop']),
  /** What was found. */
  detail: z.string(),
  /** What to do about it; null where nothing is to be done. */
  hint: z.string().nullable(),
});
export type CheckResult = z.infer<typeof checkResultSchema>;

/** Whether a cluster can be upgraded, as a job has seen it. */
export const readinessReportSchema = z.strictObject({
  kind: z.literal('upgrade-readiness'),
  at: z.iso.datetime(),
  /** The minor that the cluster would be brought to. */
  kubernetesVersion: z.enum(kubernetesVersions),
  checks: z.array(checkResultSchema),
});

/** The minors that a cluster can be asked to go to from one: that one, for an upgrade that did not come to its end, and the next. */
export function upgradesFrom(version: KubernetesVersion): KubernetesVersion[] {
  const at = kubernetesVersions.indexOf(version);
  return kubernetesVersions.slice(at, at + 2);
}
