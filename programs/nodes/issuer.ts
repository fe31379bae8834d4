import { azureIssuerContainer, azureStorageAccount } from '../../model/clouds/azure.js';
import { physicalName } from '../../model/names.js';
import type { ClusterSpec } from '../../model/spec.js';

/**
 * URL of a cluster's service-account issuer, where the control planes publish discovery document and keys; null without workload identity. It is made of
 * names only, so that nodes, trust policies and federated credentials speak of it before it exists, and it never changes.
 */
export function issuerUrl({ name, provider, region, network }: Pick<ClusterSpec, 'name' | 'provider' | 'region' | 'network'>, uid: string): string | null {
  if (!network.workloadIdentity) return null;
  const cluster = { name, uid };
  switch (provider) {
    case 'aws':
      return `https://${physicalName(cluster, 'issuer')}.s3.${region}.amazonaws.com`;
    case 'azure':
      return `https://${azureStorageAccount(cluster, 'issuer')}.blob.core.windows.net/${azureIssuerContainer}`;
  }
}
