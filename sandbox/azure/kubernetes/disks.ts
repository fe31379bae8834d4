import type { DiskRequest, MadeDisk } from '../../kubernetes/controllers/controller-cloud.js';
import { stringsOf } from '../../kubernetes/json.js';
import { lookUp } from '../cloud.js';
import { admitNew } from '../lifecycle.js';
import { resourceType } from '../types/index.js';
import * as tokens from '../types/tokens.js';
import { groupOfCluster, type Made } from './load-balancers.js';

/** Makes a disk as the Azure disk driver does, with its tags: https://github.com/kubernetes-sigs/azuredisk-csi-driver/blob/master/docs/driver-parameters.md */
export function makeDisk(made: Made, { claim, storageClass, volume, sizeGiB, zone = `${made.facts.region}-1` }: DiskRequest): MadeDisk {
  const { cloud, facts } = made;
  const { skuName = 'StandardSSD_LRS', diskEncryptionSetID, networkAccessPolicy, publicNetworkAccess, tags = '' } = stringsOf(storageClass['parameters']);
  const item = admitNew(cloud, resourceType(tokens.disk), facts.region, {
    resourceGroupName: groupOfCluster(made), location: facts.region, diskName: volume, sku: { name: skuName }, zones: [zone.slice(zone.lastIndexOf('-') + 1)], diskSizeGB: sizeGiB, creationData: { createOption: 'Empty' },
    ...(diskEncryptionSetID === undefined ? {} : { encryption: { type: 'EncryptionAtRestWithCustomerKey', diskEncryptionSetId: diskEncryptionSetID } }),
    ...(networkAccessPolicy === undefined ? {} : { networkAccessPolicy }), ...(publicNetworkAccess === undefined ? {} : { publicNetworkAccess }),
    tags: {
      ...Object.fromEntries(tags.split(',').filter((pair) => pair.includes('=')).map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)])),
      'k8s-azure-created-by': 'kubernetes-azure-dd',
      'kubernetes.io-created-for-pvc-name': claim.metadata.name, 'kubernetes.io-created-for-pvc-namespace': claim.metadata.namespace ?? '', 'kubernetes.io-created-for-pv-name': volume,
    },
  });
  cloud.inventory.update({ ...item, cluster: facts.cluster, uid: facts.uid, resource: `volume ${claim.metadata.namespace ?? ''}/${claim.metadata.name}` });
  return { handle: item.id, zone };
}

/** Deletes a disk; false while it is in use. */
export function removeDisk({ cloud }: Made, handle: string): boolean {
  const disk = lookUp(cloud, tokens.disk, handle);
  if (disk === undefined) return true;
  if (resourceType(tokens.disk).blocker?.(disk, cloud) !== undefined) return false;
  cloud.inventory.delete(disk);
  return true;
}
