import { mergePatch, type Json } from '../../../model/merge-patch.js';
import { chartValues } from '../../../templates/charts/index.js';
import type { AddonName } from '../charts.js';
import { awsCloudControllerManager } from './aws-cloud-controller-manager.js';
import { awsEbsCsiDriver } from './aws-ebs-csi-driver.js';
import { azurediskCsiDriver } from './azuredisk-csi-driver.js';
import { cilium } from './cilium.js';
import { cloudProviderAzure } from './cloud-provider-azure.js';
import type { ValuesInput } from './context.js';
import { kubePrometheusStack } from './kube-prometheus-stack.js';
import { loki } from './loki.js';
import { metricsServer } from './metrics-server.js';
import { velero } from './velero.js';

/** What each chart's values take from the cluster. */
const ofCluster: Readonly<Record<AddonName, (input: ValuesInput) => Record<string, unknown>>> = {
  'aws-cloud-controller-manager': awsCloudControllerManager,
  'cloud-provider-azure': cloudProviderAzure,
  cilium,
  'aws-ebs-csi-driver': awsEbsCsiDriver,
  'azuredisk-csi-driver': azurediskCsiDriver,
  'metrics-server': metricsServer,
  'kube-prometheus-stack': kubePrometheusStack,
  loki,
  velero,
};

/** The complete values of an add-on: its file under `templates/charts/`, with the cluster's own merged over it. There is no secret in them. */
export function valuesOf(addon: AddonName, input: ValuesInput): Record<string, unknown> {
  return mergePatch(chartValues(addon) as Json, ofCluster[addon](input) as Json) as Record<string, unknown>;
}
