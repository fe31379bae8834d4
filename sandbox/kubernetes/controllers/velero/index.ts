import type { ClusterApi } from '../../api-server/cluster-api.js';
import { stringAt, valueAt, type KubeObject } from '../../json.js';
import { isInstalled } from '../installed.js';
import { advanceBackup, expire } from './backups.js';
import { besides, kinds, locationOf, type Location, type VeleroContext } from './location.js';
import { advanceRestore } from './restores.js';
import { keepSchedule } from './schedules.js';
import { syncBackups, tellAvailability } from './sync.js';

/** Velero looks once a minute. */
const syncMs = 1_000;

/** Velero 1.18 of one cluster as far as the API shows it: objects only, in its own file layout. Backups go by the clock and by their store too, so it is called also where no object has changed. */
export function velero(cloud: VeleroContext['cloud']): (api: ClusterApi) => void {
  let syncedAt = 0;
  return (api) => {
    const context = { api, cloud };
    const now = api.context.now();
    const isSyncDue = now - syncedAt >= syncMs;
    const locations = api.objects(kinds.locations).filter(({ metadata }) => isInstalled(context, 'velero', metadata.namespace)).map((object) => locationOf(context, object));
    for (const location of locations) {
      const { name } = location.object.metadata;
      // What names none, or none that there is, is looked after with the default one.
      const isDefault = valueAt(location.object, 'spec', 'default') === true;
      const isOf = (wanted = ''): boolean => wanted === name || (isDefault && !locations.some(({ object }) => object.metadata.name === wanted));
      tellAvailability(context, location);
      for (const schedule of besides(context, location, kinds.schedules)) if (isOf(stringAt(schedule, 'spec', 'template', 'storageLocation'))) keepSchedule(context, schedule);
      for (const backup of besides(context, location, kinds.backups)) if (isOf(stringAt(backup, 'spec', 'storageLocation'))) advanceBackup(context, location, backup);
      for (const backup of besides(context, location, kinds.backups)) if (hasExpired(backup, now) && stringAt(backup, 'spec', 'storageLocation') === name) expire(context, location, backup);
      for (const restore of besides(context, location, kinds.restores)) if (isOf(locationNameOf(context, location, restore))) advanceRestore(context, location, restore);
      if (isSyncDue) syncBackups(context, location);
    }
    if (isSyncDue) syncedAt = now;
  };
}

/** Where the backup lies that a Restore is from; undefined where there is no such backup. */
function locationNameOf(context: VeleroContext, location: Location, restore: KubeObject): string | undefined {
  const backup = besides(context, location, kinds.backups).find(({ metadata }) => metadata.name === stringAt(restore, 'spec', 'backupName'));
  return stringAt(backup, 'spec', 'storageLocation');
}

function hasExpired(backup: KubeObject, now: number): boolean {
  const expiration = stringAt(backup, 'status', 'expiration');
  return expiration !== undefined && Date.parse(expiration) <= now;
}
