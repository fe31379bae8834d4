import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

/** The files of rules that lie beside this module: those of the cluster itself, then those of add-ons, each named as its chart, and that of the benchmark, which has none. Each has a page of the same name in docs/runbooks/. */
export const alertFiles = [
  'etcd', 'api-server', 'certificates', 'nodes', 'volumes', 'cloud-controller', 'cilium', 'flannel', 'aws-vpc-cni', 'cert-manager', 'external-secrets', 'kyverno', 'gatekeeper', 'traefik', 'external-dns', 'loki', 'opensearch', 'fluent-bit', 'velero', 'rancher-backup', 'argo-cd', 'flux2', 'argo-rollouts', 'cloudnative-pg',
  'cluster-autoscaler', 'tigera-operator', 'tempo', 'opentelemetry-collector', 'trivy-operator', 'datadog', 'ztunnel', 'falco', 'kube-bench',
] as const;
export type AlertFile = (typeof alertFiles)[number];

const recordingRule = z.strictObject({ record: z.string(), expr: z.string() });
const alertingRule = z.strictObject({
  alert: z.string(),
  expr: z.string(),
  for: z.string().optional(),
  labels: z.strictObject({ severity: z.enum(['info', 'warning', 'critical']) }),
  annotations: z.strictObject({ summary: z.string(), description: z.string() }),
});
const rulesSchema = z.strictObject({ groups: z.array(z.strictObject({ name: z.string(), rules: z.array(z.union([recordingRule, alertingRule])) })) });

/** The rules of a file, as Prometheus reads them. */
export type AlertRules = z.infer<typeof rulesSchema>;

/** The rules of a file, parsed. One that says anything else than rules with severity, summary and description is a fault of the package and throws. */
export function alertRules(file: AlertFile): AlertRules {
  return rulesSchema.parse(parse(readFileSync(new URL(`./${file}.yaml`, import.meta.url), 'utf8')));
}
