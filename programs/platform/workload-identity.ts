import { ClusterwrightError } from '../../model/errors.js';
import type { AddonIdentity, PlatformInput } from '../provider.js';

/** Where a pod finds its identity token. */
const tokenFolder = '/var/run/secrets/clusterwright/identity';
export const federatedTokenFile = `${tokenFolder}/token`;
const volumeName = 'cloud-identity';

/** The parts of a pod that give it its identity in the cloud: values of charts take them by different names. */
export interface IdentityParts {
  readonly env: { name: string; value: string }[];
  readonly volumes: { name: string; projected: { sources: { serviceAccountToken: { audience: string; expirationSeconds: number; path: string } }[] } }[];
  readonly mounts: { name: string; mountPath: string; readOnly: boolean }[];
}

/** What is asked for an identity. */
type Asked = Pick<PlatformInput, 'spec' | 'account' | 'infrastructure'>;

/**
 * How a pod takes the identity of an add-on: a token of its service account, made for the cloud's token service and renewed by the kubelet, and the variables that
 * every SDK of the cloud reads. The clouds' own Kubernetes services have a webhook that adds these to annotated service accounts; here they are written out.
 * Undefined where the cluster has no workload identity.
 */
export function identityParts(addon: AddonIdentity, { spec, account, infrastructure }: Asked): IdentityParts | undefined {
  const identity = infrastructure.addonIdentities[addon];
  if (identity === undefined) return undefined;
  switch (account.provider) {
    case 'aws':
      return projected('sts.amazonaws.com', [
        { name: 'AWS_ROLE_ARN', value: identity },
        { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: federatedTokenFile },
        { name: 'AWS_REGION', value: spec.region },
        // The region's own endpoint of the token service: the global one lies in another region and may be down when this one is not.
        { name: 'AWS_STS_REGIONAL_ENDPOINTS', value: 'regional' },
      ]);
    case 'azure':
      return projected('api://AzureADTokenExchange', [
        { name: 'AZURE_CLIENT_ID', value: identity },
        { name: 'AZURE_TENANT_ID', value: account.tenantId },
        { name: 'AZURE_FEDERATED_TOKEN_FILE', value: federatedTokenFile },
        { name: 'AZURE_AUTHORITY_HOST', value: 'https://login.microsoftonline.com/' },
      ]);
  }
}

function projected(audience: string, env: IdentityParts['env']): IdentityParts {
  return {
    env,
    volumes: [{ name: volumeName, projected: { sources: [{ serviceAccountToken: { audience, expirationSeconds: 3600, path: 'token' } }] } }],
    mounts: [{ name: volumeName, mountPath: tokenFolder, readOnly: true }],
  };
}

/**
 * The same for an add-on whose pods are on the pod network, where there is no other way to rights in the cloud: instance metadata does not
 * answer them. Throws `invalid-spec` where the cluster has no workload identity.
 */
export function requiredIdentityParts(addon: AddonIdentity, input: Asked): IdentityParts {
  const parts = identityParts(addon, input);
  if (parts === undefined) {
    throw new ClusterwrightError('invalid-spec', `The add-on "${addon}" has no identity in the cloud: its chart cannot run on the control planes' network, so it needs "network.workloadIdentity".`, {
      resource: addon,
      faults: [{ pointer: '/network/workloadIdentity', detail: `must be true: the add-on "${addon}" takes its rights from it` }],
    });
  }
  return parts;
}
