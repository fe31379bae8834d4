import { upgradeAnnotations } from '../../../model/in-place.js';
import type { ClusterApi } from '../api-server/cluster-api.js';
import { recordAt, stringAt, type KubeObject } from '../json.js';

/** Workers that are told to go to a release do so at once: they say that they begin, and their kubelet is of it. What `upgrades.sh` does on real ones. */
export function followWishes(api: ClusterApi): void {
  for (const node of api.objects('/nodes')) {
    const { wanted, begun } = upgradeAnnotations;
    const release = node.metadata.annotations?.[wanted];
    if (release === undefined || node.metadata.labels?.['node-role.kubernetes.io/control-plane'] !== undefined || stringAt(node, 'status', 'nodeInfo', 'kubeletVersion') === `v${release}`) continue;
    api.put('/nodes', withRelease({ ...node, metadata: { ...node.metadata, annotations: { ...node.metadata.annotations, [begun]: release } } }, release));
  }
}

/** A simulated node is of another release from here on; nothing where there is no such node. */
export function upgradeNode(api: ClusterApi, name: string, release: string): void {
  const node = api.objects('/nodes').find(({ metadata }) => metadata.name === name);
  if (node !== undefined) api.put('/nodes', withRelease(node, release));
}

function withRelease(node: KubeObject, release: string): KubeObject {
  return { ...node, status: { ...recordAt(node, 'status'), nodeInfo: { ...recordAt(node, 'status', 'nodeInfo'), kubeletVersion: `v${release}` } } };
}
