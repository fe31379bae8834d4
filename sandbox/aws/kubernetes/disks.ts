import type { DiskRequest, MadeDisk } from '../../kubernetes/controllers/controller-cloud.js';
import { recordAt, stringAt, stringsOf } from '../../kubernetes/json.js';
import { admitNew } from '../lifecycle.js';
import { resourceType } from '../types/index.js';
import * as tokens from '../types/tokens.js';
import type { Made } from './load-balancers.js';

/** Makes a disk with the EBS driver's tags: https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/tagging.md */
export function makeDisk({ cloud, facts }: Made, { claim, storageClass, volume, sizeGiB, zone = `${facts.region}a`, values }: DiskRequest): MadeDisk {
  const controller = recordAt(values, 'controller');
  const parameters = stringsOf(storageClass['parameters']);
  const clusterId = stringAt(controller, 'k8sTagClusterId');
  const encrypted = parameters['encrypted'] === 'true';
  const item = admitNew(cloud, resourceType(tokens.volume), facts.region, {
    availabilityZone: zone, size: sizeGiB, type: parameters['type'] ?? 'gp3', encrypted, ...(encrypted && parameters['kmsKeyId'] !== undefined ? { kmsKeyId: parameters['kmsKeyId'] } : {}),
    tags: {
      ...stringsOf(controller['extraVolumeTags']),
      'ebs.csi.aws.com/cluster': 'true', CSIVolumeName: volume,
      'kubernetes.io/created-for/pvc/name': claim.metadata.name, 'kubernetes.io/created-for/pvc/namespace': claim.metadata.namespace ?? '', 'kubernetes.io/created-for/pv/name': volume,
      ...(clusterId === undefined ? {} : { Name: `${clusterId}-dynamic-${volume}`, KubernetesCluster: clusterId, [`kubernetes.io/cluster/${clusterId}`]: 'owned' }),
    },
  });
  cloud.inventory.update({ ...item, cluster: facts.cluster, uid: facts.uid, resource: `volume ${claim.metadata.namespace ?? ''}/${claim.metadata.name}` });
  return { handle: item.id, zone };
}

/** Deletes a disk; false while it is in use. */
export function removeDisk({ cloud }: Made, handle: string): boolean {
  const disk = cloud.inventory.get(tokens.volume, handle);
  if (disk === undefined) return true;
  if (resourceType(tokens.volume).blocker?.(disk, cloud) !== undefined) return false;
  cloud.inventory.delete(disk);
  return true;
}
