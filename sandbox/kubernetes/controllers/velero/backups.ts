import { timestamp } from '../../api-server/context.js';
import { listAt, recordAt, stringAt, valueAt, type JsonRecord, type KubeObject } from '../../json.js';
import { formatVersion, type SavedObject } from './archive.js';
import { kinds, locationLabel, phaseOf, type Location, type VeleroContext } from './location.js';
import { refusalsOf, selectionOf } from './selection.js';

/** Left out of a backup by this label, a namespace with all that it has. */
const excluded = 'velero.io/exclude-from-backup';
const defaultTtl = '720h0m0s';

/** Begins a backup that nobody has begun, or says why it cannot be made; one that has had its time is made. */
export function advanceBackup(context: VeleroContext, location: Location, backup: KubeObject): void {
  const phase = phaseOf(backup);
  const begun = phase === undefined || phase === '' || phase === 'New' ? begin(context, location, backup) : backup;
  const { api } = context;
  if (phaseOf(begun) !== 'InProgress' || api.context.now() < Date.parse(stringAt(begun, 'status', 'startTimestamp') ?? '') + (api.context.timings.backup ?? 0)) return;
  finish(context, location, begun);
}

/** What Velero fills in before it begins. https://github.com/vmware-tanzu/velero/blob/v1.18.3/pkg/controller/backup_controller.go */
function begin({ api }: VeleroContext, { object: location, store }: Location, backup: KubeObject): KubeObject {
  const now = api.context.now();
  const ttl = stringAt(backup, 'spec', 'ttl') ?? defaultTtl;
  const lasts = durationMs(ttl);
  const included = listAt(backup, 'spec', 'includedNamespaces');
  const named = stringAt(backup, 'spec', 'storageLocation') ?? location.metadata.name;
  const validationErrors = [
    ...refusalsOf(backup),
    ...(named === location.metadata.name ? [] : [`an existing backup storage location was not specified at backup creation time and the default ${named} was not found`]),
    ...(lasts === undefined ? [`time: invalid duration ${JSON.stringify(ttl)}`] : []),
    ...(store === undefined ? [`backup can't be created because BackupStorageLocation ${location.metadata.name} is in Unavailable status.`] : []),
  ];
  const status: JsonRecord = {
    version: 1, formatVersion, ...(lasts === undefined ? {} : { expiration: timestamp({ now: () => now + lasts }) }),
    ...(validationErrors.length > 0 ? { phase: 'FailedValidation', validationErrors } : { phase: 'InProgress', startTimestamp: timestamp(api.context) }),
  };
  const begun: KubeObject = {
    ...backup, status,
    metadata: { ...backup.metadata, labels: { ...backup.metadata.labels, [locationLabel]: named } },
    // What the server is told by the product's values stands where the backup does not say.
    spec: { defaultVolumesToFsBackup: true, ...recordAt(backup, 'spec'), ttl, storageLocation: named, includedNamespaces: included.length === 0 ? ['*'] : included },
  };
  api.put(kinds.backups, begun);
  return begun;
}

function finish(context: VeleroContext, { store }: Location, backup: KubeObject): void {
  const { api } = context;
  const ended = (status: JsonRecord): KubeObject => ({ ...backup, status: { ...recordAt(backup, 'status'), completionTimestamp: timestamp(api.context), ...status } });
  const refusal = store === undefined ? 'the store of its location is gone' : store.find(backup.metadata.name) === undefined ? undefined : 'backup already exists in object storage';
  if (store === undefined || refusal !== undefined) {
    api.put(kinds.backups, ended({ phase: 'Failed', failureReason: `backup execution failed: ${refusal ?? ''}` }));
    return;
  }
  const objects = chosen(context, backup);
  const done = ended({ phase: 'Completed', progress: { totalItems: objects.length, itemsBackedUp: objects.length } });
  store.put(done, objects, new Date(api.context.now()));
  api.put(kinds.backups, done);
}

/** What a backup is about. Of objects without a namespace, one that names its namespaces has but these themselves. */
function chosen({ api }: VeleroContext, backup: KubeObject): SavedObject[] {
  const { hasNamespace, hasResource, hasClusterWide, hasLabels } = selectionOf(backup);
  const left = ({ metadata: { labels, deletionTimestamp } }: KubeObject): boolean => labels?.[excluded] === 'true' || deletionTimestamp !== undefined;
  const unwanted = new Set(api.objects('/namespaces').filter(left).map(({ metadata }) => metadata.name));
  // A kind may be served in several versions.
  const resources = new Map(api.context.kinds.all().map((kind) => [kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`, kind]));
  return [...resources].flatMap(([resource, { group, plural, namespaced }]) => {
    if (!hasResource(resource)) return [];
    const isChosen = ({ metadata: { name, namespace = '' } }: KubeObject): boolean => {
      if (namespaced) return hasNamespace(namespace) && !unwanted.has(namespace);
      return resource === 'namespaces' ? hasNamespace(name) && !unwanted.has(name) : hasClusterWide;
    };
    return api.objects(`${group}/${plural}`).filter((object) => isChosen(object) && hasLabels(object) && !left(object)).map((object) => ({ resource, object }));
  });
}

/** A duration as Go writes them, in milliseconds. */
function durationMs(text: string): number | undefined {
  const [, hours = '0', minutes = '0', seconds = '0'] = /^(?=.)(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text) ?? [];
  const milliseconds = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
  return milliseconds === 0 ? undefined : milliseconds;
}

/** Deletes a backup whose time is over, with its files and the Restores from it. */
export function expire({ api }: VeleroContext, { store }: Location, backup: KubeObject): void {
  const { name, namespace } = backup.metadata;
  store?.delete(name);
  api.remove('velero.io/v1', 'Backup', name, namespace);
  for (const restore of api.objects(kinds.restores)) if (valueAt(restore, 'spec', 'backupName') === name) api.remove('velero.io/v1', 'Restore', restore.metadata.name, namespace);
}
