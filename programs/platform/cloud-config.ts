import { Secret } from '@pulumi/kubernetes/core/v1/secret.js';
import type * as pulumi from '@pulumi/pulumi';
import { physicalName, tagKeys } from '../../model/names.js';
import type { AddonIdentity, PlatformInput } from '../provider.js';
import { chartsOf, type AddonName } from './charts.js';
import type { PlatformContext } from './context.js';
import { managedLabels } from './names.js';
import { federatedTokenFile } from './workload-identity.js';

/** What Azure's controllers read their configuration from, by chart: each has an identity of its own. The charts only know secrets of `kube-system` for it; no secret is in them. */
export const cloudConfigSecrets = { 'cloud-provider-azure': 'azure-cloud-provider', 'azuredisk-csi-driver': 'azure-cloud-provider-disk' } as const satisfies Partial<Record<AddonName, string>>;
export type ConfiguredAddon = keyof typeof cloudConfigSecrets;

const identities: Readonly<Record<ConfiguredAddon, AddonIdentity>> = { 'cloud-provider-azure': 'cloud-controller-manager', 'azuredisk-csi-driver': 'disk-csi' };
/** Where each chart puts the identity's token: the cloud controller's chart has a place of its own. */
export const tokenFiles: Readonly<Record<ConfiguredAddon, string>> = { 'cloud-provider-azure': '/var/run/secrets/azure/tokens/azure-identity-token', 'azuredisk-csi-driver': federatedTokenFile };

/** Declares the configuration of the controllers that read one; none on AWS, where arguments and instance metadata say it all. */
export function cloudConfigs({ input, options }: PlatformContext): Map<AddonName, pulumi.Resource> {
  const configured = chartsOf(input.spec).flatMap(({ name }) => (isConfigured(name) ? [name] : []));
  return new Map(configured.map((addon) => [addon, new Secret(`cloud-config-${addon}`, {
    metadata: { name: cloudConfigSecrets[addon], namespace: 'kube-system', labels: managedLabels },
    data: { 'cloud-config': Buffer.from(JSON.stringify(azureCloudConfig(addon, input))).toString('base64') },
  }, options)]));
}

function isConfigured(name: AddonName): name is ConfiguredAddon {
  return Object.hasOwn(cloudConfigSecrets, name);
}

/**
 * The configuration of an Azure controller: where the cluster's things are, and as whom. Names are those that the infrastructure program gives.
 * https://cloud-provider-azure.sigs.k8s.io/install/configs/
 */
export function azureCloudConfig(addon: ConfiguredAddon, { spec, uid, installation, account, infrastructure }: Omit<PlatformInput, 'kubeconfig'>): Record<string, unknown> {
  if (account.provider !== 'azure') throw new RangeError(`${addon} is a controller of Azure`);
  const physical = (part: string): string => physicalName({ name: spec.name, uid }, part);
  const clientId = infrastructure.addonIdentities[identities[addon]];
  return {
    cloud: 'AzurePublicCloud',
    tenantId: account.tenantId,
    subscriptionId: account.subscriptionId,
    resourceGroup: physical('group'),
    location: spec.region,
    vnetName: physical('network'),
    vnetResourceGroup: physical('group'),
    subnetName: 'workers',
    securityGroupName: physical('security-group-workers'),
    // Control planes are single machines, pools are scale sets: "vmss" with single machines allowed is the mixed mode.
    vmType: 'vmss',
    disableAvailabilitySetNodes: false,
    loadBalancerSku: 'standard',
    excludeMasterFromStandardLB: true,
    // The way out is NAT's alone.
    disableOutboundSNAT: true,
    // Nodes are members of a balancer by address, so that the controller writes no machine and needs no right to.
    loadBalancerBackendPoolConfigurationType: 'nodeIP',
    useInstanceMetadata: true,
    // What it makes belongs to the cluster; which part it is, its own tags say.
    tagsMap: { [tagKeys.installation]: installation, [tagKeys.uid]: uid, [tagKeys.cluster]: spec.name },
    ...(clientId === undefined
      ? { useManagedIdentityExtension: true }
      : { useFederatedWorkloadIdentityExtension: true, aadClientId: clientId, aadFederatedTokenFile: tokenFiles[addon] }),
  };
}
