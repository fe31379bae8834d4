import type { JsonRecord, KubeObject } from '../json.js';
import type { ObjectStore } from '../object-store.js';

/** The cloud refused what a controller asked for: the object stays pending, and is tried again with the next change. */
export class Refused extends Error {}

/** A disk that a claim asks for. */
export interface DiskRequest {
  readonly claim: KubeObject;
  readonly storageClass: KubeObject;
  /** Name of the volume that it is made for: `pvc-…`. */
  readonly volume: string;
  readonly sizeGiB: number;
  /** Label `topology.kubernetes.io/zone` of a node; undefined where there is none. */
  readonly zone: string | undefined;
  /** Values of the driver's release. */
  readonly values: JsonRecord;
}

/** A disk as its PersistentVolume names it. */
export interface MadeDisk {
  /** The driver's handle of it. */
  readonly handle: string;
  readonly zone: string;
}

/** What the controllers of one cluster make in its cloud, and the releases that bring them. Refusals of the cloud are thrown as `Refused`. */
export interface ControllerCloud {
  /** Release of the cloud controller, which makes load balancers. */
  readonly balancerRelease: string;
  /** Makes what a Service of type LoadBalancer asks for; answers where it is reached. */
  makeBalancer(service: KubeObject): { readonly hostname: string } | { readonly ip: string };
  /** Removes what a Service has in the cloud, in the order that the cloud demands. */
  removeBalancer(service: KubeObject): void;
  /** The CSI driver's name, the release that brings it, and the label by which its volumes name zones. */
  readonly disks: { readonly driver: string; readonly release: string; readonly zoneLabel: string };
  makeDisk(request: DiskRequest): MadeDisk;
  /** Deletes a disk; false while it is in use. One that is gone already counts as deleted. */
  removeDisk(handle: string): boolean;
  /** The bucket or container of a BackupStorageLocation; undefined where there is none. @param config what Velero's plugin needs besides its name */
  backupStore(bucket: string, config: Readonly<Record<string, string>>): ObjectStore | undefined;
}
