import type { KubernetesVersion } from '../../../model/spec.js';
import { apiServerPort, endpointName } from '../../../model/names.js';
import { addonServiceAccounts } from '../../service-accounts.js';
import { identityParts } from '../workload-identity.js';
import type { ValuesInput } from './context.js';

/** The controller goes with the cluster's minor; it must never be newer than the API server. */
const imageTags: Readonly<Record<KubernetesVersion, string>> = { '1.34': 'v1.34.3', '1.35': 'v1.35.2', '1.36': 'v1.36.1' };

/** The AWS cloud controller: its cluster, its image, its identity, and the API server's name in place of a service address that nobody serves yet. */
export function awsCloudControllerManager(input: ValuesInput): Record<string, unknown> {
  const { spec } = input;
  // Without workload identity it has the control plane's own: it runs on the host network, where instance metadata answers.
  const identity = identityParts('cloud-controller-manager', input);
  return {
    image: { tag: imageTags[spec.kubernetesVersion] },
    serviceAccountName: addonServiceAccounts.aws['cloud-controller-manager'].name,
    args: [
      '--v=2',
      '--cloud-provider=aws',
      `--cluster-name=${spec.name}`,
      // The pod network routes between pods and hands out their addresses.
      '--configure-cloud-routes=false',
      '--allocate-node-cidrs=false',
      '--use-service-account-credentials=false',
    ],
    env: [
      { name: 'KUBERNETES_SERVICE_HOST', value: endpointName(spec.name, spec.network.domain) },
      { name: 'KUBERNETES_SERVICE_PORT', value: String(apiServerPort) },
      ...(identity?.env ?? []),
    ],
    extraVolumes: identity?.volumes ?? [],
    extraVolumeMounts: identity?.mounts ?? [],
  };
}
