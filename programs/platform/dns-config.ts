import { ConfigMap } from '@pulumi/kubernetes/core/v1/configMap.js';
import type { Namespace } from '@pulumi/kubernetes/core/v1/namespace.js';
import type * as pulumi from '@pulumi/pulumi';
import type { AddonNamespace } from '../../model/platform.js';
import type { AddonName } from './charts.js';
import type { PlatformContext } from './context.js';
import { managedLabels } from './names.js';

/** Name of the ConfigMap that external-dns finds its file about Azure in. */
export const azureDnsConfig = 'external-dns-azure';

/**
 * The file without which external-dns does not start on Azure: that its identity is its service account's. Which identity, tenant, subscription and resource group its variables and arguments say, so the file never
 * changes. The chart's own way to it is on its way out. https://github.com/kubernetes-sigs/external-dns/blob/master/docs/tutorials/azure.md
 */
export function dnsConfigs({ input: { spec }, options }: PlatformContext, namespaces: ReadonlyMap<AddonNamespace, Namespace>): Map<AddonName, pulumi.Resource> {
  if (spec.platform.dns === 'none' || spec.provider !== 'azure') return new Map();
  const metadata = { name: azureDnsConfig, namespace: namespaces.get('external-dns')?.metadata.name ?? 'external-dns', labels: managedLabels };
  return new Map([['external-dns', new ConfigMap('external-dns-azure', { metadata, data: { 'azure.json': JSON.stringify({ cloud: 'AzurePublicCloud', useWorkloadIdentityExtension: true }) } }, options)]]);
}
