import type { MachineImage, MachineImagesReport } from '../model/machine-images.js';
import { kubernetesReleases, type ClusterSpec } from '../model/spec.js';
import type { Cloud, MachineImages } from './cloud/index.js';
import type { DrainableNode } from './kubernetes/node-drain.js';
import { isOn } from './operation/phases/nodes.js';

/** What of a node tells what its machine was made from. */
type ImagedNode = Pick<DrainableNode, 'name' | 'providerId' | 'release'>;

/** The image that a node's machine was made from; undefined where the cloud does not tell. */
export function imageOf(node: Pick<DrainableNode, 'providerId'>, { of }: Pick<MachineImages, 'of'>): string | undefined {
  return [...of].find(([machine]) => isOn(node, machine))?.[1];
}

/** Whether a machine that is made now would be made from another image than a node's, or with another release. Of a machine whose image is not known, the release alone tells. Pure. */
export function isBehind(node: ImagedNode, images: Pick<MachineImages, 'of'>, current: ReadonlySet<string>, release: string): boolean {
  const image = imageOf(node, images);
  return node.release !== release || (image !== undefined && !current.has(image));
}

/** What a cluster's machines were made from, as cloud and nodes tell. */
export async function lookAtImages(cloud: Pick<Cloud, 'images' | 'imageDates'>, { kubernetesVersion }: Pick<ClusterSpec, 'kubernetesVersion'>, nodes: readonly ImagedNode[]): Promise<MachineImagesReport> {
  const images = await cloud.images();
  const dates = await cloud.imageDates([...new Set([images.current, ...images.of.values()])]);
  const shown = (id: string): MachineImage => ({ id, publishedAt: dates.get(id) ?? null });
  const release = kubernetesReleases[kubernetesVersion];
  return {
    kind: 'machine-images', at: new Date().toISOString(), current: shown(images.current), kubernetesRelease: release,
    machines: nodes.map((node) => {
      const image = imageOf(node, images);
      return { node: node.name, image: image === undefined ? null : shown(image), kubernetesRelease: node.release, behind: isBehind(node, images, new Set([images.current]), release) };
    }),
  };
}
