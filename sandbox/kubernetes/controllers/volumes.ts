import { admitNew } from '../../aws/lifecycle.js';
import { AwsError } from '../../aws/errors.js';
import { resourceType } from '../../aws/types/index.js';
import * as tokens from '../../aws/types/tokens.js';
import type { PropertyMap } from '../../protocol/values.js';
import { recordAt, stringAt, stringsOf, valueAt, type KubeObject } from '../json.js';
import type { ControllerContext } from './context.js';
import { isInstalled, valuesOf } from './installed.js';
import { mountedClaims } from './mounts.js';

/** The driver's name, and that of the release that brings it. */
export const ebsDriver = 'ebs.csi.aws.com';
const release = 'aws-ebs-csi-driver';
const claimProtection = 'kubernetes.io/pvc-protection';
const volumeProtection = 'kubernetes.io/pv-protection';
/** Held by the provisioner until the disk is gone. */
const provisioned = 'external-provisioner.volume.kubernetes.io/finalizer';
const defaultClass = 'storageclass.kubernetes.io/is-default-class';

/**
 * The volume controller, the protection of claims, and the EBS driver. A claim is bound as soon as it is there, also where its class would
 * wait for the first pod; disks are attached to no machine.
 */
export function keepVolumes(context: ControllerContext): void {
  const { api } = context;
  const driver = isInstalled(context, release);
  const mounted = mountedClaims(context);
  for (const claim of api.objects('/persistentvolumeclaims')) keepClaim(context, claim, driver, mounted);
  for (const volume of api.objects('/persistentvolumes')) keepVolume(context, volume, driver);
}

function keepClaim(context: ControllerContext, claim: KubeObject, driver: boolean, mounted: ReadonlySet<string>): void {
  const { api } = context;
  const { name, namespace, deletionTimestamp, finalizers = [] } = claim.metadata;
  if (deletionTimestamp !== undefined) {
    if (finalizers.includes(claimProtection) && !mounted.has(`${namespace ?? ''}/${name}`)) api.put('/persistentvolumeclaims', withFinalizers(claim, finalizers.filter((finalizer) => finalizer !== claimProtection)));
    return;
  }
  const guarded = finalizers.includes(claimProtection) ? claim : withFinalizers(claim, [...finalizers, claimProtection]);
  const storageClass = classOf(context, claim);
  if (stringAt(claim, 'spec', 'volumeName') !== undefined || !driver || storageClass === undefined || storageClass['provisioner'] !== ebsDriver) {
    if (guarded !== claim) api.put('/persistentvolumeclaims', { ...guarded, status: { phase: 'Pending', ...recordAt(claim, 'status') } });
    return;
  }
  const size = gibibytes(stringAt(claim, 'spec', 'resources', 'requests', 'storage') ?? '1Gi');
  const disk = provision(context, claim, storageClass, size);
  if (disk === undefined) return;
  const volume = persistentVolume(claim, storageClass, disk, size);
  api.apply(volume);
  api.put('/persistentvolumeclaims', {
    ...guarded,
    spec: { ...recordAt(claim, 'spec'), storageClassName: storageClass.metadata.name, volumeName: volume.metadata.name },
    status: { phase: 'Bound', accessModes: valueAt(claim, 'spec', 'accessModes') ?? ['ReadWriteOnce'], capacity: { storage: `${size}Gi` } },
  });
}

function classOf({ api }: ControllerContext, claim: KubeObject): KubeObject | undefined {
  const classes = api.objects('storage.k8s.io/storageclasses');
  const wanted = stringAt(claim, 'spec', 'storageClassName');
  return wanted === undefined ? classes.find(({ metadata }) => metadata.annotations?.[defaultClass] === 'true') : classes.find(({ metadata }) => metadata.name === wanted);
}

/** Makes the disk with the driver's tags: https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/tagging.md */
function provision(context: ControllerContext, claim: KubeObject, storageClass: KubeObject, size: number): { id: string; zone: string } | undefined {
  const { api, cloud, facts } = context;
  const values = recordAt(valuesOf(context, release), 'controller');
  const parameters = stringsOf(storageClass['parameters']);
  const name = volumeName(claim);
  const clusterId = stringAt(values, 'k8sTagClusterId');
  const zone = api.objects('/nodes').map((node) => node.metadata.labels?.['topology.kubernetes.io/zone']).find((label) => label !== undefined && label !== '') ?? `${facts.region}a`;
  const encrypted = parameters['encrypted'] === 'true';
  const inputs: PropertyMap = {
    availabilityZone: zone, size, type: parameters['type'] ?? 'gp3', encrypted, ...(encrypted && parameters['kmsKeyId'] !== undefined ? { kmsKeyId: parameters['kmsKeyId'] } : {}),
    tags: {
      ...stringsOf(values['extraVolumeTags']),
      'ebs.csi.aws.com/cluster': 'true', CSIVolumeName: name,
      'kubernetes.io/created-for/pvc/name': claim.metadata.name, 'kubernetes.io/created-for/pvc/namespace': claim.metadata.namespace ?? '', 'kubernetes.io/created-for/pv/name': name,
      ...(clusterId === undefined ? {} : { Name: `${clusterId}-dynamic-${name}`, KubernetesCluster: clusterId, [`kubernetes.io/cluster/${clusterId}`]: 'owned' }),
    },
  };
  try {
    const item = admitNew(cloud, resourceType(tokens.volume), facts.region, inputs);
    cloud.inventory.update({ ...item, cluster: facts.cluster, uid: facts.uid, resource: `volume ${claim.metadata.namespace ?? ''}/${claim.metadata.name}` });
    return { id: item.id, zone };
  } catch (error) {
    // What the cloud refuses stays pending, as with the real driver.
    if (error instanceof AwsError) return undefined;
    throw error;
  }
}

function persistentVolume(claim: KubeObject, storageClass: KubeObject, disk: { id: string; zone: string }, size: number): KubeObject {
  const reclaim = stringAt(storageClass, 'reclaimPolicy') ?? 'Delete';
  return {
    apiVersion: 'v1', kind: 'PersistentVolume',
    metadata: {
      name: volumeName(claim), annotations: { 'pv.kubernetes.io/provisioned-by': ebsDriver },
      finalizers: [...(reclaim === 'Delete' ? [provisioned] : []), volumeProtection],
    },
    spec: {
      capacity: { storage: `${size}Gi` }, accessModes: valueAt(claim, 'spec', 'accessModes') ?? ['ReadWriteOnce'], persistentVolumeReclaimPolicy: reclaim, storageClassName: storageClass.metadata.name,
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name: claim.metadata.name, namespace: claim.metadata.namespace, uid: claim.metadata.uid },
      csi: { driver: ebsDriver, volumeHandle: disk.id, fsType: stringAt(storageClass, 'parameters', 'csi.storage.k8s.io/fstype') ?? 'ext4' },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: [disk.zone] }] }] } },
    },
    status: { phase: 'Bound' },
  };
}

/** Lets a volume go whose claim is gone, by its reclaim policy. */
function keepVolume(context: ControllerContext, volume: KubeObject, driver: boolean): void {
  const { api, cloud } = context;
  const uid = stringAt(volume, 'spec', 'claimRef', 'uid');
  if (uid === undefined || api.objects('/persistentvolumeclaims').some(({ metadata }) => metadata.uid === uid)) return;
  const finalizers = volume.metadata.finalizers ?? [];
  if (stringAt(volume, 'spec', 'persistentVolumeReclaimPolicy') !== 'Delete') {
    const left = finalizers.filter((finalizer) => finalizer !== volumeProtection);
    if (stringAt(volume, 'status', 'phase') !== 'Released' || left.length < finalizers.length) api.put('/persistentvolumes', { ...withFinalizers(volume, left), status: { phase: 'Released' } });
    return;
  }
  // Without the driver nobody deletes the disk, and the provisioner's finalizer holds the volume.
  if (stringAt(volume, 'spec', 'csi', 'driver') !== ebsDriver || !driver) return;
  const disk = cloud.inventory.get(tokens.volume, stringAt(volume, 'spec', 'csi', 'volumeHandle') ?? '');
  if (disk !== undefined && resourceType(tokens.volume).blocker?.(disk, cloud) !== undefined) return;
  if (disk !== undefined) cloud.inventory.delete(disk);
  api.put('/persistentvolumes', withFinalizers(volume, []));
  api.remove('v1', 'PersistentVolume', volume.metadata.name);
}

function volumeName(claim: KubeObject): string {
  return `pvc-${claim.metadata.uid ?? claim.metadata.name}`;
}

function withFinalizers(object: KubeObject, finalizers: string[]): KubeObject {
  return { ...object, metadata: { ...object.metadata, finalizers } };
}

/** Whole gibibytes of a quantity such as `10Gi` or `500Mi`, rounded up. */
function gibibytes(quantity: string): number {
  const [, amount = '1', unit = ''] = /^(\d+(?:\.\d+)?)(Ki|Mi|Gi|Ti)?$/.exec(quantity) ?? [];
  const factor: Readonly<Record<string, number>> = { '': 2 ** -30, Ki: 2 ** -20, Mi: 2 ** -10, Gi: 1, Ti: 1024 };
  return Math.max(1, Math.ceil(Number(amount) * (factor[unit] ?? 1)));
}
