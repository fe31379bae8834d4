import { CustomResource } from '@pulumi/kubernetes/apiextensions/customResource.js';
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
      tags: volumeTags({ name: spec.name, uid, installation }),
      'csi.storage.k8s.io/fstype': 'ext4',
    },
  }, options)];
}

/** Name of the class of snapshots on each cloud. */
export const snapshotClass: Readonly<Record<Provider, string>> = { aws: 'ebs', azure: 'azure-disk' };

/**
 * The class of snapshots where the driver's chart makes none: increments of the disk, in the cluster's own resource group. Velero finds it by its label, whoever names none by the annotation. It comes after the release that brings its kind, which is why no
 * chart can. On AWS the driver's chart makes it.
 */
export function snapshotClasses({ input: { spec, uid, installation }, options }: PlatformContext, snapshots: pulumi.Resource): void {
  if (spec.provider !== 'azure') return;
  new CustomResource('snapshot-class-default', {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshotClass',
    metadata: {
      name: snapshotClass.azure, labels: { ...managedLabels, 'velero.io/csi-volumesnapshot-class': 'true' }, annotations: { 'snapshot.storage.kubernetes.io/is-default-class': 'true' },
    },
    driver: 'disk.csi.azure.com',
    deletionPolicy: 'Delete',
    parameters: { incremental: 'true', tags: volumeTags({ name: spec.name, uid, installation }) },
  }, { ...options, dependsOn: snapshots });
}

/** The tags of what belongs to claims, as Azure's driver takes them. */
function volumeTags(cluster: Parameters<typeof clusterTags>[0]): string {
  return Object.entries(clusterTags(cluster, 'volume')).map(([key, value]) => `${key}=${value}`).join(',');
}
