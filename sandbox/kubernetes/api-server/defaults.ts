import { isRecord, recordAt, stringAt, type KubeObject } from '../json.js';
import type { KindEntry } from './kinds.js';

/**
 * What the API server fills in where the client left it out. Only what clients of the sandbox read is here; a real API server defaults
 * far more. Default values belong to no field manager.
 */
export function withDefaults(kind: KindEntry, object: KubeObject): KubeObject {
  return defaults[`${kind.group}/${kind.kind}`]?.(object) ?? object;
}

const defaultSpec = (values: Record<string, unknown>) => (object: KubeObject): KubeObject => ({ ...object, spec: { ...values, ...recordAt(object, 'spec') } });

const defaults: Readonly<Record<string, (object: KubeObject) => KubeObject>> = {
  '/Namespace': (object) => ({
    ...object,
    metadata: { ...object.metadata, labels: { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name } },
    spec: { finalizers: ['kubernetes'], ...recordAt(object, 'spec') },
    status: { phase: object.metadata.deletionTimestamp === undefined ? 'Active' : 'Terminating' },
  }),
  '/Secret': (object) => {
    const { stringData, ...rest } = object;
    const given = isRecord(stringData) ? Object.fromEntries(Object.entries(stringData).map(([key, value]) => [key, Buffer.from(String(value)).toString('base64')])) : {};
    const data = { ...recordAt(rest, 'data'), ...given };
    return { ...rest, ...(Object.keys(data).length > 0 ? { data } : {}), type: stringAt(rest, 'type') ?? 'Opaque' };
  },
  '/Service': defaultSpec({ type: 'ClusterIP', sessionAffinity: 'None' }),
  '/ResourceQuota': (object) => ({ ...object, status: { hard: recordAt(object, 'spec', 'hard'), used: Object.fromEntries(Object.keys(recordAt(object, 'spec', 'hard')).map((name) => [name, '0'])) } }),
  'apps/Deployment': defaultSpec({ replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } } }),
  'apps/StatefulSet': defaultSpec({ replicas: 1, podManagementPolicy: 'OrderedReady', updateStrategy: { type: 'RollingUpdate' } }),
  'apps/DaemonSet': defaultSpec({ revisionHistoryLimit: 10, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } }),
  'batch/Job': defaultSpec({ completions: 1, parallelism: 1, backoffLimit: 6 }),
  'storage.k8s.io/StorageClass': (object) => ({ ...object, reclaimPolicy: object['reclaimPolicy'] ?? 'Delete', volumeBindingMode: object['volumeBindingMode'] ?? 'Immediate' }),
  'apiextensions.k8s.io/CustomResourceDefinition': (object) => ({
    ...object,
    status: {
      acceptedNames: recordAt(object, 'spec', 'names'),
      conditions: [{ type: 'NamesAccepted', status: 'True', reason: 'NoConflicts' }, { type: 'Established', status: 'True', reason: 'InitialNamesAccepted' }],
      storedVersions: [],
    },
  }),
};
