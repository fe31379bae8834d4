import { recordAt, stringAt, valueAt, type KubeObject } from '../json.js';
import type { ControllerContext } from './context.js';
import { Refused, type ControllerCloud, type MadeDisk } from './controller-cloud.js';
import { isInstalled, valuesOf } from './installed.js';
import { mountedClaims } from './mounts.js';

const claimProtection = 'kubernetes.io/pvc-protection';
const volumeProtection = 'kubernetes.io/pv-protection';
/** Held by the provisioner until the disk is gone. */
const provisioned = 'external-provisioner.volume.kubernetes.io/finalizer';
const defaultClass = 'storageclass.kubernetes.io/is-default-class';

/**
 * The volume controller, the protection of claims, and the cloud's driver. A claim is bound as soon as it is there, also where its class would
 * wait for the first pod; disks are attached to no machine.
 */
export function keepVolumes(context: ControllerContext): void {
  const { api, cloud } = context;
  const driver = isInstalled(context, cloud.disks.release);
  const mounted = mountedClaims(context);
  for (const claim of api.objects('/persistentvolumeclaims')) keepClaim(context, claim, driver, mounted);
  for (const volume of api.objects('/persistentvolumes')) keepVolume(context, volume, driver);
}

function keepClaim(context: ControllerContext, claim: KubeObject, driver: boolean, mounted: ReadonlySet<string>): void {
  const { api, cloud } = context;
  const { name, namespace, deletionTimestamp, finalizers = [] } = claim.metadata;
  if (deletionTimestamp !== undefined) {
    if (finalizers.includes(claimProtection) && !mounted.has(`${namespace ?? ''}/${name}`)) api.put('/persistentvolumeclaims', withFinalizers(claim, finalizers.filter((finalizer) => finalizer !== claimProtection)));
    return;
  }
  const guarded = finalizers.includes(claimProtection) ? claim : withFinalizers(claim, [...finalizers, claimProtection]);
  const storageClass = classOf(context, claim);
  if (stringAt(claim, 'spec', 'volumeName') !== undefined || !driver || storageClass === undefined || storageClass['provisioner'] !== cloud.disks.driver) {
    if (guarded !== claim) api.put('/persistentvolumeclaims', { ...guarded, status: { phase: 'Pending', ...recordAt(claim, 'status') } });
    return;
  }
  const size = gibibytes(stringAt(claim, 'spec', 'resources', 'requests', 'storage') ?? '1Gi');
  const disk = provision(context, claim, storageClass, size);
  if (disk === undefined) return;
  const volume = persistentVolume(cloud, claim, storageClass, disk, size);
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

/** Has the driver make a disk; undefined where the cloud refuses it. */
function provision({ api, cloud }: ControllerContext, claim: KubeObject, storageClass: KubeObject, sizeGiB: number): MadeDisk | undefined {
  const zone = api.objects('/nodes').map((node) => node.metadata.labels?.['topology.kubernetes.io/zone']).find((label) => label !== undefined && label !== '');
  try {
    return cloud.makeDisk({ claim, storageClass, volume: volumeName(claim), sizeGiB, zone, values: valuesOf({ api }, cloud.disks.release) });
  } catch (error) {
    // What the cloud refuses stays pending, as with the real driver.
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

function persistentVolume({ disks: { driver, zoneLabel } }: ControllerCloud, claim: KubeObject, storageClass: KubeObject, disk: MadeDisk, size: number): KubeObject {
  const reclaim = stringAt(storageClass, 'reclaimPolicy') ?? 'Delete';
  return {
    apiVersion: 'v1', kind: 'PersistentVolume',
    metadata: {
      name: volumeName(claim), annotations: { 'pv.kubernetes.io/provisioned-by': driver },
      finalizers: [...(reclaim === 'Delete' ? [provisioned] : []), volumeProtection],
    },
    spec: {
      capacity: { storage: `${size}Gi` }, accessModes: valueAt(claim, 'spec', 'accessModes') ?? ['ReadWriteOnce'], persistentVolumeReclaimPolicy: reclaim, storageClassName: storageClass.metadata.name,
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name: claim.metadata.name, namespace: claim.metadata.namespace, uid: claim.metadata.uid },
      csi: { driver, volumeHandle: disk.handle, fsType: stringAt(storageClass, 'parameters', 'csi.storage.k8s.io/fstype') ?? 'ext4' },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: zoneLabel, operator: 'In', values: [disk.zone] }] }] } },
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
  if (stringAt(volume, 'spec', 'csi', 'driver') !== cloud.disks.driver || !driver) return;
  if (!cloud.removeDisk(stringAt(volume, 'spec', 'csi', 'volumeHandle') ?? '')) return;
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
