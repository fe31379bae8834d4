import { recordAt, stringAt, stringsOf, type KubeObject } from '../../json.js';
import type { ControllerContext } from '../context.js';
import type { ControllerCloud } from '../controller-cloud.js';
import { BackupStore } from './backup-store.js';

/** What Velero works on. */
export interface VeleroContext extends Pick<ControllerContext, 'api'> {
  readonly cloud: Pick<ControllerCloud, 'backupStore'>;
}

/** A BackupStorageLocation, and the store that it names; undefined where there is no such store. */
export interface Location {
  readonly object: KubeObject;
  readonly store: BackupStore | undefined;
}

/** Kinds as the API server keeps them. */
export const kinds = { backups: 'velero.io/backups', restores: 'velero.io/restores', schedules: 'velero.io/schedules', locations: 'velero.io/backupstoragelocations' } as const;
/** On a Backup: the name of its location. */
export const locationLabel = 'velero.io/storage-location';

/** The location of a BackupStorageLocation. */
export function locationOf({ cloud }: VeleroContext, object: KubeObject): Location {
  const { bucket = '', prefix = '' } = stringsOf(recordAt(object, 'spec', 'objectStorage'));
  const objects = cloud.backupStore(bucket, stringsOf(recordAt(object, 'spec', 'config')));
  return { object, store: objects && new BackupStore(objects, prefix === '' ? '' : `${prefix}/`) };
}

/** The objects of one of Velero's kinds that belong to the same installation as a location. */
export function besides({ api }: VeleroContext, { object: { metadata } }: Location, kind: string): KubeObject[] {
  return api.objects(kind).filter((object) => object.metadata.namespace === metadata.namespace && object.metadata.deletionTimestamp === undefined);
}

/** The phase of one of Velero's objects; a new one has none. */
export function phaseOf(object: KubeObject): string | undefined {
  return stringAt(object, 'status', 'phase');
}
