import { timestamp } from '../../api-server/context.js';
import { recordAt, without, type KubeObject, type ObjectMeta } from '../../json.js';
import { besides, kinds, locationLabel, phaseOf, type Location, type VeleroContext } from './location.js';

/** Phases with which a backup is known to others. */
const finished = ['Completed', 'PartiallyFailed', 'Failed'];

/** Makes the Backups of a store and those of its cluster the same. https://github.com/vmware-tanzu/velero/blob/v1.18.3/pkg/controller/backup_sync_controller.go */
export function syncBackups(context: VeleroContext, location: Location): void {
  const { api } = context;
  const { object: { metadata: { name: locationName, namespace } }, store } = location;
  if (store === undefined) return;
  const known = besides(context, location, kinds.backups);
  const stored = store.names();
  for (const name of stored) {
    if (known.some(({ metadata }) => metadata.name === name)) continue;
    const found = store.find(name);
    if (found === undefined || !finished.includes(phaseOf(found) ?? '')) continue;
    const metadata = without(found.metadata, 'uid', 'resourceVersion', 'ownerReferences', 'managedFields', 'generation', 'creationTimestamp') as ObjectMeta;
    api.apply({ ...found, metadata: { ...metadata, namespace, labels: { ...metadata.labels, [locationLabel]: locationName } }, spec: { ...recordAt(found, 'spec'), storageLocation: locationName } });
  }
  const isOrphan = (backup: KubeObject): boolean => backup.metadata.labels?.[locationLabel] === locationName && ['Completed', 'PartiallyFailed'].includes(phaseOf(backup) ?? '') && !stored.has(backup.metadata.name);
  for (const { metadata: { name } } of known.filter(isOrphan)) api.remove('velero.io/v1', 'Backup', name, namespace);
}

/** Says whether the store of a location is there, where that has changed. */
export function tellAvailability({ api }: VeleroContext, { object, store }: Location): void {
  const phase = store === undefined ? 'Unavailable' : 'Available';
  if (phaseOf(object) === phase) return;
  const message = store === undefined ? `BackupStorageLocation "${object.metadata.name}" is unavailable: there is no such store` : '';
  api.put(kinds.locations, { ...object, status: { ...recordAt(object, 'status'), phase, message, lastValidationTime: timestamp(api.context), lastSyncedTime: timestamp(api.context) } });
}
