import { mergePatch, type Json } from '../../../model/merge-patch.js';
import { chartValues } from '../../../templates/charts/index.js';
import type { AddonName } from '../charts.js';
import { alloy } from './alloy.js';
import { argoCd } from './argo-cd.js';
import { argoRollouts } from './argo-rollouts.js';
import { argocdApps } from './argocd-apps.js';
import { awsCloudControllerManager } from './aws-cloud-controller-manager.js';
import { awsEbsCsiDriver } from './aws-ebs-csi-driver.js';
import { awsVpcCni } from './aws-vpc-cni.js';
import { azurediskCsiDriver } from './azuredisk-csi-driver.js';
import { calicoCrds } from './calico-crds.js';
import { certManager } from './cert-manager.js';
import { cilium } from './cilium.js';
import { cloudProviderAzure } from './cloud-provider-azure.js';
import { cloudnativePg } from './cloudnative-pg.js';
import { clusterAutoscaler } from './cluster-autoscaler.js';
import type { ValuesInput } from './context.js';
import { csiDriverNfs } from './csi-driver-nfs.js';
import { datadog } from './datadog.js';
import { externalDns } from './external-dns.js';
import { externalSecretsStores } from './external-secrets-stores.js';
import { externalSecrets } from './external-secrets.js';
import { falco } from './falco.js';
import { flannel } from './flannel.js';
import { fluentBit } from './fluent-bit.js';
import { flux2Sync } from './flux2-sync.js';
import { flux2 } from './flux2.js';
import { gatewayApiCrds } from './gateway-api-crds.js';
import { gatekeeper } from './gatekeeper.js';
import { istioBase } from './istio-base.js';
import { istioCni } from './istio-cni.js';
import { istiod } from './istiod.js';
import { kubePrometheusStack } from './kube-prometheus-stack.js';
import { kyvernoPolicies } from './kyverno-policies.js';
import { kyverno } from './kyverno.js';
import { loki } from './loki.js';
import { metricsServer } from './metrics-server.js';
import { openSearch } from './opensearch.js';
import { opentelemetryCollector } from './opentelemetry-collector.js';
import { postgresOperator } from './postgres-operator.js';
import { prometheusOperatorCrds } from './prometheus-operator-crds.js';
import { rancherBackup } from './rancher-backup.js';
import { snapshotController } from './snapshot-controller.js';
import { snykMonitor } from './snyk-monitor.js';
import { tempo } from './tempo.js';
import { tigeraOperator } from './tigera-operator.js';
import { traefik } from './traefik.js';
import { trivyOperator } from './trivy-operator.js';
import { velero } from './velero.js';
import { verticalPodAutoscaler } from './vertical-pod-autoscaler.js';
import { ztunnel } from './ztunnel.js';

/** What each chart's values take from the cluster. */
const ofCluster: Readonly<Record<AddonName, (input: ValuesInput) => Record<string, unknown>>> = {
  'aws-cloud-controller-manager': awsCloudControllerManager,
  'cloud-provider-azure': cloudProviderAzure,
  'prometheus-operator-crds': prometheusOperatorCrds,
  cilium,
  'calico-crds': calicoCrds,
  'tigera-operator': tigeraOperator,
  flannel,
  'aws-vpc-cni': awsVpcCni,
  'aws-ebs-csi-driver': awsEbsCsiDriver,
  'azuredisk-csi-driver': azurediskCsiDriver,
  'csi-driver-nfs': csiDriverNfs,
  'snapshot-controller': snapshotController,
  'metrics-server': metricsServer,
  'cluster-autoscaler': clusterAutoscaler,
  'gateway-api-crds': gatewayApiCrds,
  'cert-manager': certManager,
  'external-secrets': externalSecrets,
  'external-secrets-stores': externalSecretsStores,
  kyverno,
  'kyverno-policies': kyvernoPolicies,
  gatekeeper,
  traefik,
  'external-dns': externalDns,
  'kube-prometheus-stack': kubePrometheusStack,
  loki,
  alloy,
  opensearch: openSearch,
  'fluent-bit': fluentBit,
  velero,
  'rancher-backup': rancherBackup,
  'argo-cd': argoCd,
  'argocd-apps': argocdApps,
  flux2,
  'flux2-sync': flux2Sync,
  'argo-rollouts': argoRollouts,
  'vertical-pod-autoscaler': verticalPodAutoscaler,
  'cloudnative-pg': cloudnativePg,
  'postgres-operator': postgresOperator,
  'trivy-operator': trivyOperator,
  'snyk-monitor': snykMonitor,
  datadog,
  'istio-base': istioBase,
  istiod,
  'istio-cni': istioCni,
  ztunnel,
  falco,
  tempo,
  'opentelemetry-collector': opentelemetryCollector,
};

/** The complete values of an add-on: its file under `templates/charts/`, with the cluster's own merged over it. There is no secret in them. */
export function valuesOf(addon: AddonName, input: ValuesInput): Record<string, unknown> {
  return mergePatch(chartValues(addon) as Json, ofCluster[addon](input) as Json) as Record<string, unknown>;
}
