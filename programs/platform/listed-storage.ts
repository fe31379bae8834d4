import { PersistentVolume } from '@pulumi/kubernetes/core/v1/persistentVolume.js';
import { StorageClass } from '@pulumi/kubernetes/storage/v1/storageClass.js';
import type * as pulumi from '@pulumi/pulumi';
import { listedVolumesClass, type StorageVolume } from '../../model/storage.js';
import type { PlatformContext } from './context.js';
import { managedLabels } from './names.js';

/** The classes and volumes on servers that the spec lists. What of a class or volume cannot change makes a new object of the same name; claims and their volumes stay with what they were made with. */
export function listedStorage({ input: { spec: { storage } }, options }: PlatformContext): pulumi.Resource[] {
  const replaced = { ...options, deleteBeforeReplace: true };
  const classes = storage.classes.map(({ name, server, path, mountOptions, reclaimPolicy }) => new StorageClass(`storage-class-${name}`, {
    metadata: { name, labels: managedLabels },
    provisioner: 'nfs.csi.k8s.io',
    parameters: { server, share: path },
    // Of all versions only 4 has one port for everything.
    mountOptions: ['nfsvers=4.1', ...mountOptions],
    reclaimPolicy,
    // Every node reaches the server, so there is nothing to wait for. Folders have no size: more is always granted.
    volumeBindingMode: 'Immediate',
    allowVolumeExpansion: true,
  }, replaced));
  if (storage.volumes.length === 0) return classes;
  const listed = new StorageClass('storage-class-listed-volumes', {
    metadata: { name: listedVolumesClass, labels: managedLabels }, provisioner: 'kubernetes.io/no-provisioner', reclaimPolicy: 'Retain', volumeBindingMode: 'WaitForFirstConsumer',
  }, replaced);
  return [...classes, listed, ...storage.volumes.map((volume) => new PersistentVolume(`volume-${volume.name}`, {
    metadata: { name: volume.name, labels: managedLabels },
    spec: {
      capacity: { storage: `${volume.capacityGiB}Gi` },
      // One node at a time: the file system knows no others.
      accessModes: ['ReadWriteOnce'],
      storageClassName: listedVolumesClass,
      persistentVolumeReclaimPolicy: 'Retain',
      ...source(volume),
    },
  }, replaced))];
}

function source({ portal, iqn, lun, fileSystem, chapSecret }: StorageVolume) {
  return {
    iscsi: {
      targetPortal: `${portal}:3260`, iqn, lun, fsType: fileSystem,
      ...(chapSecret === undefined ? {} : { chapAuthSession: true, secretRef: { name: chapSecret, namespace: 'kube-system' } }),
    },
  };
}
