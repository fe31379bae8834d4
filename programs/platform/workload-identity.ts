import { ClusterwrightError } from '../../model/errors.js';
import type { AddonIdentity, PlatformInput } from '../provider.js';

/** Where a pod finds its identity token. */
const tokenFolder = '/var/run/secrets/clusterwright/identity';
const volumeName = 'cloud-identity';

/** The parts of a pod that give it its identity in the cloud: values of charts take them by different names. */
export interface IdentityParts {
  readonly env: { name: string; value: string }[];
  readonly volumes: { name: string; projected: { sources: { serviceAccountToken: { audience: string; expirationSeconds: number; path: string } }[] } }[];
  readonly mounts: { name: string; mountPath: string; readOnly: boolean }[];
}

/**
 * How a pod takes the role of an add-on: a token of its service account, made for AWS's token service and renewed by the kubelet, and the two variables that
 * every AWS SDK reads. EKS has a webhook that adds these to annotated service accounts; here they are written out. Undefined where the cluster has
 * no workload identity.
 */
export function identityParts(addon: AddonIdentity, { spec, infrastructure }: Pick<PlatformInput, 'spec' | 'infrastructure'>): IdentityParts | undefined {
  const role = infrastructure.addonIdentities[addon];
  if (role === undefined) return undefined;
  return {
    env: [
      { name: 'AWS_ROLE_ARN', value: role },
      { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: `${tokenFolder}/token` },
      { name: 'AWS_REGION', value: spec.region },
      // The region's own endpoint of the token service: the global one lies in another region and may be down when this one is not.
      { name: 'AWS_STS_REGIONAL_ENDPOINTS', value: 'regional' },
    ],
    volumes: [{ name: volumeName, projected: { sources: [{ serviceAccountToken: { audience: 'sts.amazonaws.com', expirationSeconds: 3600, path: 'token' } }] } }],
    mounts: [{ name: volumeName, mountPath: tokenFolder, readOnly: true }],
  };
}

/**
 * The same for an add-on whose pods are on the pod network, where there is no other way to rights in the cloud: instance metadata does not
 * answer them. Throws `invalid-spec` where the cluster has no workload identity.
 */
export function requiredIdentityParts(addon: AddonIdentity, input: Pick<PlatformInput, 'spec' | 'infrastructure'>): IdentityParts {
  const parts = identityParts(addon, input);
  if (parts === undefined) {
    throw new ClusterwrightError('invalid-spec', `The add-on "${addon}" has no identity in the cloud: its chart cannot run on the control planes' network, so it needs "network.workloadIdentity".`, {
      resource: addon,
      faults: [{ pointer: '/network/workloadIdentity', detail: `must be true: the add-on "${addon}" takes its rights from it` }],
    });
  }
  return parts;
}
