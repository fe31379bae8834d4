import { apiServerPort, endpointName, physicalName } from '../../model/names.js';
import { azureBackupContainerUrl } from '../../model/clouds/azure.js';
import { parameterPrefix, secretSets, vaultUrl, type NodeFacts, type SecretSet } from '../../model/rendezvous.js';
import type { Rollout } from '../../model/rollout.js';
import { issuerUrl } from './issuer.js';
import { kubernetesReleases, type ClusterSpec, type KubernetesVersion, type NodePool } from '../../model/spec.js';

/** What the facts of a node are made of. */
export interface FactsSource {
  readonly spec: ClusterSpec;
  readonly uid: string;
  readonly rollout?: Rollout | undefined;
}

/** What a control-plane node knows about its cluster; `index` counts from 1. `archive` holds what it fetches by itself, where its user data is short of room. */
export function controlPlaneFacts(source: FactsSource, index: number, archive?: NodeFacts['archive']): NodeFacts {
  return { ...clusterFacts(source, source.rollout?.controlPlane), role: 'control-plane', pool: null, index, ...(archive === undefined ? {} : { archive }), labels: {}, taints: [] };
}

/** What a worker knows about its cluster. A pool's bounds are no business of its nodes. */
export function workerFacts(source: FactsSource, { name, labels, taints }: NodePool): NodeFacts {
  return { ...clusterFacts(source, source.rollout?.pools), role: 'worker', pool: name, index: null, labels, taints };
}

function clusterFacts({ spec, uid }: FactsSource, kubernetesVersion: KubernetesVersion = spec.kubernetesVersion): Omit<NodeFacts, 'role' | 'pool' | 'index' | 'archive' | 'labels' | 'taints'> {
  return {
    schema: 1,
    cluster: spec.name,
    uid,
    region: spec.region,
    controlPlanes: spec.controlPlane.replicas,
    kubernetesVersion,
    kubernetesRelease: kubernetesReleases[kubernetesVersion],
    endpoint: endpointName(spec.name, spec.network.domain),
    port: apiServerPort,
    podCidr: spec.network.podCidr,
    cni: spec.platform.cni,
    serviceCidr: spec.network.serviceCidr,
    rendezvous: rendezvous(spec, uid),
    issuer: issuerUrl(spec, uid),
    entra: { ...spec.access.entra },
    ...spec.machines,
  };
}

/** Where the nodes meet. Names are deterministic, so the facts are complete before the places exist. */
function rendezvous({ name, provider }: ClusterSpec, uid: string): NodeFacts['rendezvous'] {
  const cluster = { name, uid };
  switch (provider) {
    case 'aws':
      return { provider, bucket: physicalName(cluster, 'backups'), parameterPrefix: parameterPrefix(uid), key: `alias/${physicalName(cluster, 'key')}` };
    case 'azure':
      return { provider, container: azureBackupContainerUrl(cluster), vaults: Object.fromEntries(secretSets.map((set) => [set, vaultUrl(cluster, set)])) as Record<SecretSet, string> };
  }
}
