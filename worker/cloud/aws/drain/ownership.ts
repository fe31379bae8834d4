import { kubernetesOwnershipTag, tagKeys } from '../../../../model/names.js';
import type { ClusterScope } from '../../cloud.js';

/** A tag as every service of AWS lists it. */
export interface AwsTag {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

/** The tag of the AWS Load Balancer Controller, which a team may have installed by itself. */
export const balancerControllerTag = 'elbv2.k8s.aws/cluster';

/**
 * Whether something in the cluster's own network was made by its Kubernetes: it carries a controller's tag, and is neither in the stack nor
 * tagged as a part of it. Some parts carry the ownership tag as well: subnets, machines, the nodes' security group.
 */
export function madeByKubernetes({ name, known }: ClusterScope, ids: readonly string[], tags: readonly AwsTag[]): boolean {
  const value = (key: string): string | undefined => tags.find(({ Key }) => Key === key)?.Value;
  const marked = value(kubernetesOwnershipTag(name)) === 'owned' || value(balancerControllerTag) === name;
  return marked && value(tagKeys.resource) === undefined && !ids.some((id) => known.has(id));
}

/**
 * Whether a disk was made by the cluster's Kubernetes. Disks are in no network, and names are unique only within an installation, so the uid decides,
 * which the driver puts on each; one without any uid is the cluster's only where no other of its name is in the region.
 */
export function diskOfCluster({ name, uid, known }: ClusterScope, id: string, tags: readonly AwsTag[], onlyOfItsName: boolean): boolean {
  const value = (key: string): string | undefined => tags.find(({ Key }) => Key === key)?.Value;
  if (value(kubernetesOwnershipTag(name)) !== 'owned' || known.has(id)) return false;
  const owner = value(tagKeys.uid);
  return owner === uid || (owner === undefined && onlyOfItsName);
}
