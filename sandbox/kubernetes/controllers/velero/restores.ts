import { timestamp } from '../../api-server/context.js';
import { recordAt, stringAt, type JsonRecord, type KubeObject } from '../../json.js';
import type { SavedObject } from './archive.js';
import type { BackupStore } from './backup-store.js';
import { besides, kinds, phaseOf, type Location, type VeleroContext } from './location.js';
import { modifiersOf } from './modifiers.js';
import { RestoredObjects } from './restored-objects.js';
import { refusalsOf, selectionOf } from './selection.js';

/** In no Restore. https://github.com/vmware-tanzu/velero/blob/v1.18.3/pkg/controller/restore_controller.go */
const nonRestorable = ['nodes', 'events', 'events.events.k8s.io', 'backups.velero.io', 'restores.velero.io', 'csinodes.storage.k8s.io', 'volumeattachments.storage.k8s.io', 'backuprepositories.velero.io'];
/** What others stand upon comes first. https://github.com/vmware-tanzu/velero/blob/v1.18.3/pkg/cmd/server/config/config.go */
const first = [
  'customresourcedefinitions.apiextensions.k8s.io', 'namespaces', 'storageclasses.storage.k8s.io', 'persistentvolumes', 'persistentvolumeclaims', 'clusterroles.rbac.authorization.k8s.io',
  'roles.rbac.authorization.k8s.io', 'serviceaccounts', 'clusterrolebindings.rbac.authorization.k8s.io', 'rolebindings.rbac.authorization.k8s.io', 'secrets', 'configmaps', 'limitranges',
  'priorityclasses.scheduling.k8s.io', 'pods', 'replicasets.apps', 'endpoints', 'services',
];
/** How long a Restore waits for namespaces that are on their way out. */
const terminatingMs = 10 * 60_000;

/** Begins a Restore that nobody has begun, or says why it cannot be made; one that has had its time is carried out. */
export function advanceRestore(context: VeleroContext, location: Location, restore: KubeObject): void {
  const { api } = context;
  const phase = phaseOf(restore);
  const begun = phase === undefined || phase === '' || phase === 'New' ? begin(context, location, restore) : restore;
  if (phaseOf(begun) !== 'InProgress') return;
  const waited = api.context.now() - Date.parse(stringAt(begun, 'status', 'startTimestamp') ?? '');
  if (waited < (api.context.timings.backup ?? 0)) return;
  const ended = (status: JsonRecord): void => api.put(kinds.restores, { ...begun, status: { ...recordAt(begun, 'status'), completionTimestamp: timestamp(api.context), ...status } });
  try {
    if (location.store === undefined) throw new Error(`the store of ${location.object.metadata.name} is gone`);
    const saved = location.store.contents(stringAt(begun, 'spec', 'backupName') ?? '');
    const chosen = chosenOf(saved, begun);
    const isLeaving = ({ object: { metadata: { namespace = '' } } }: SavedObject): boolean => api.find('v1', 'Namespace', targetOf(begun, namespace))?.metadata.deletionTimestamp !== undefined;
    if (waited >= terminatingMs || !chosen.some(isLeaving)) ended(carryOut(context, location.store, begun, saved, chosen));
  } catch (error) {
    ended({ phase: 'Failed', failureReason: `restore execution failed: ${error instanceof Error ? error.message : String(error)}` });
  }
}

function begin(context: VeleroContext, location: Location, restore: KubeObject): KubeObject {
  const { api } = context;
  const name = stringAt(restore, 'spec', 'backupName') ?? '';
  const policy = stringAt(restore, 'spec', 'existingResourcePolicy') ?? '';
  const modify = modifiersOf(context, restore);
  const validationErrors = [
    ...refusalsOf(restore),
    ...(typeof modify === 'string' ? [modify] : []),
    ...(['', 'none', 'update'].includes(policy) ? [] : [`Invalid ExistingResourcePolicy: ${policy}`]),
    ...(name === '' ? ['Either a backup or schedule must be specified as a source for the restore, but not both']
      : besides(context, location, kinds.backups).some((backup) => backup.metadata.name === name) ? []
        : [`Error retrieving backup: can't find backup ${restore.metadata.namespace ?? ''}/${name}: Backup.velero.io "${name}" not found`]),
    ...(location.store === undefined ? [`The BSL ${location.object.metadata.name} is unavailable, cannot retrieve the backup`] : []),
  ];
  const begun: KubeObject = { ...restore, status: validationErrors.length > 0 ? { phase: 'FailedValidation', validationErrors } : { phase: 'InProgress', startTimestamp: timestamp(api.context) } };
  api.put(kinds.restores, begun);
  return begun;
}

/** What a Restore takes of its backup, in the order in which it comes back. */
function chosenOf(saved: readonly SavedObject[], restore: KubeObject): SavedObject[] {
  const { hasNamespace, hasResource, hasClusterWide, hasLabels } = selectionOf(restore, nonRestorable);
  const rank = ({ resource }: SavedObject): number => (first.includes(resource) ? first.indexOf(resource) : first.length);
  return saved
    .filter(({ resource, object }) => hasResource(resource) && hasLabels(object) && (object.metadata.namespace === undefined ? hasClusterWide : hasNamespace(object.metadata.namespace)))
    .sort((a, b) => rank(a) - rank(b) || (a.resource < b.resource ? -1 : Number(a.resource > b.resource)));
}

function carryOut(context: VeleroContext, store: BackupStore, restore: KubeObject, saved: readonly SavedObject[], chosen: readonly SavedObject[]): JsonRecord {
  const modify = modifiersOf(context, restore);
  if (typeof modify === 'string') throw new Error(modify);
  const restored = new RestoredObjects(context.api, { restore: restore.metadata.name, backup: stringAt(restore, 'spec', 'backupName') ?? '', policy: stringAt(restore, 'spec', 'existingResourcePolicy'), modify });
  for (const { resource, object } of chosen) {
    const { name, namespace } = object.metadata;
    const home = resource === 'namespaces' ? name : namespace;
    if (home !== undefined) restored.ensureNamespace(targetOf(restore, home), saved.find((one) => one.resource === 'namespaces' && one.object.metadata.name === home)?.object);
    if (resource !== 'namespaces') restored.bring(resource, namespace === undefined ? object : { ...object, metadata: { ...object.metadata, namespace: targetOf(restore, namespace) } });
  }
  const { count, warnings, errors } = restored;
  store.putRestore(restore.metadata.name, { namespaces: Object.fromEntries(warnings) }, { namespaces: Object.fromEntries(errors) });
  const total = (messages: ReadonlyMap<string, readonly string[]>): number => [...messages.values()].flat().length;
  // Go leaves out what is zero.
  const told = { ...(total(warnings) === 0 ? {} : { warnings: total(warnings) }), ...(total(errors) === 0 ? {} : { errors: total(errors) }) };
  return { phase: total(errors) === 0 ? 'Completed' : 'PartiallyFailed', progress: { totalItems: count, itemsRestored: count }, ...told };
}

function targetOf(restore: KubeObject, namespace: string): string {
  return stringAt(restore, 'spec', 'namespaceMapping', namespace) ?? namespace;
}
