import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** The values files that lie beside this module, one per add-on. */
export const chartValueFiles = [
  'aws-cloud-controller-manager', 'cloud-provider-azure', 'prometheus-operator-crds', 'cilium', 'calico-crds', 'tigera-operator', 'flannel', 'aws-vpc-cni', 'aws-ebs-csi-driver', 'azuredisk-csi-driver', 'csi-driver-nfs', 'snapshot-controller', 'metrics-server', 'cluster-autoscaler', 'gateway-api-crds', 'cert-manager',
  'external-secrets', 'external-secrets-stores', 'kyverno', 'kyverno-policies', 'gatekeeper', 'traefik', 'external-dns', 'kube-prometheus-stack', 'loki', 'alloy', 'opensearch', 'fluent-bit', 'velero', 'rancher-backup', 'argo-cd', 'argocd-apps', 'flux2', 'flux2-sync', 'argo-rollouts', 'vertical-pod-autoscaler', 'cloudnative-pg', 'postgres-operator', 'trivy-operator', 'snyk-monitor', 'datadog', 'istio-base', 'istiod', 'istio-cni', 'ztunnel', 'falco', 'tempo', 'opentelemetry-collector',
] as const;
export type ChartValueFile = (typeof chartValueFiles)[number];

/** What is the same for every cluster in a chart's values, parsed. A file that is not YAML is a fault of the package and throws. */
export function chartValues(file: ChartValueFile): unknown {
  return parse(readFileSync(new URL(`./${file}.yaml`, import.meta.url), 'utf8'));
}
