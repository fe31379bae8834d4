import { StorageClass } from '@pulumi/kubernetes/storage/v1/storageClass.js';
import type * as pulumi from '@pulumi/pulumi';
import { clusterTags } from '../../model/names.js';
import type { Provider } from '../../model/spec.js';
import type { PlatformContext } from './context.js';
import { managedLabels } from './names.js';

/** Name of the default class on each cloud: what it stands for there. */
export const defaultStorageClass: Readonly<Record<Provider, string>> = { aws: 'gp3', azure: 'premium-ssd' };

/**
 * The default class where the driver's chart makes none: Premium disks in the zone of their pod, encrypted with the cluster's key, closed to downloads, with the tags by
 * which a deletion finds them. On AWS the chart makes it.
 */
export function storageClasses({ input: { spec, uid, installation, infrastructure }, options }: PlatformContext): pulumi.Resource[] {
  if (spec.provider !== 'azure') return [];
  const tags = clusterTags({ name: spec.name, uid, installation }, 'volume');
  return [new StorageClass('storage-class-default', {
    metadata: { name: defaultStorageClass.azure, labels: managedLabels, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'disk.csi.azure.com',
    volumeBindingMode: 'WaitForFirstConsumer',
    allowVolumeExpansion: true,
    reclaimPolicy: 'Delete',
    parameters: {
      skuName: 'Premium_LRS',
      ...(infrastructure.keyId === null ? {} : { diskEncryptionSetID: infrastructure.keyId }),
      networkAccessPolicy: 'DenyAll',
      publicNetworkAccess: 'Disabled',
      tags: Object.entries(tags).map(([key, value]) => `${key}=${value}`).join(','),
      'csi.storage.k8s.io/fstype': 'ext4',
    },
  }, options)];
}
