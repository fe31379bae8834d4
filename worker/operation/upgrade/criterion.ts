import { isOfMachineImages } from '../../../model/job-request.js';
import { kubernetesReleases } from '../../../model/spec.js';
import type { DrainableNode } from '../../kubernetes/node-drain.js';
import { isBehind } from '../../machine-images.js';
import type { OperationContext } from '../context.js';

/** Which machines are to stay; the others are replaced. */
export interface Criterion {
  /** Tells nodes of new machines from those of old ones, by what is known at this moment. */
  look(): Promise<(node: DrainableNode) => boolean>;
  /** What those that are to go are not, after `are not`. */
  readonly told: string;
}

/** Those that the upgrade is to leave. */
export function criterionOf(context: Pick<OperationContext, 'job' | 'spec' | 'cloud'>): Criterion {
  return isOfMachineImages(context.job.intent.request) ? ofCurrentImage(context) : ofRelease(context);
}

/** Those of the release of the spec's minor stay. */
export function ofRelease({ spec }: Pick<OperationContext, 'spec'>): Criterion {
  const release = kubernetesReleases[spec.kubernetesVersion];
  return { look: () => Promise.resolve((node) => node.release === release), told: `in Kubernetes ${release} yet` };
}

/**
 * Those of that release stay that were made from the current image, or from one that was current since it was first looked: what is published meanwhile makes none of those old that this very operation has made. One whose image is
 * not known, as that of a machine that was just made, stays as well.
 */
function ofCurrentImage({ spec, cloud }: Pick<OperationContext, 'spec' | 'cloud'>): Criterion {
  const release = kubernetesReleases[spec.kubernetesVersion];
  const current = new Set<string>();
  return {
    told: `of the current image and Kubernetes ${release} yet`,
    look: async () => {
      const images = await cloud.images();
      current.add(images.current);
      return (node) => !isBehind(node, images, current, release);
    },
  };
}
