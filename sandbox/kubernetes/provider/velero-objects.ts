import { isRecord, listAt, recordAt, stringAt, stringsOf, valueAt, type JsonRecord, type KubeObject } from '../json.js';
import { namespacedKind } from './cluster-kind.js';

const version = { apiVersion: 'velero.io/v1' };
const kinds = ['Backup', 'Restore', 'Schedule', 'BackupStorageLocation'].map((kind) => namespacedKind('velero.io', 'v1', kind, `${kind.toLowerCase()}s`));

/** Of what Velero's chart makes: the kinds that are imitated, and the locations and schedules that its values list. */
export function veleroObjects({ name: release, namespace, values }: { name: string; namespace: string; values: JsonRecord }): KubeObject[] {
  const metadata = (name: string): KubeObject['metadata'] => ({
    name, namespace, labels: { 'app.kubernetes.io/managed-by': 'Helm', 'app.kubernetes.io/instance': release }, annotations: { 'meta.helm.sh/release-name': release, 'meta.helm.sh/release-namespace': namespace },
  });
  const locations = listAt(values, 'configuration', 'backupStorageLocation').map((location): KubeObject => ({
    ...version, kind: 'BackupStorageLocation', metadata: metadata(stringAt(location, 'name') ?? 'default'),
    spec: {
      provider: stringAt(location, 'provider'), default: valueAt(location, 'default') === true,
      objectStorage: stringsOf({ bucket: valueAt(location, 'bucket'), prefix: valueAt(location, 'prefix') }), config: stringsOf(valueAt(location, 'config')),
    },
  }));
  const schedules = Object.entries(recordAt(values, 'schedules')).filter((entry): entry is [string, JsonRecord] => isRecord(entry[1])).map(([name, { schedule, template }]): KubeObject => ({
    ...version, kind: 'Schedule', metadata: metadata(`${release}-${name}`), spec: { schedule, template },
  }));
  return [...kinds, ...locations, ...schedules];
}
