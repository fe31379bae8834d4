import type { Cluster, ClusterExpiries, ClusterRequest, Drift, Job, UpgradeReadiness } from '../client/index.js';

/** Parts of what the API answers, by name. */
export type { AccessGrantRequest, Backup, Cluster, ClusterExpiries, ClusterPatch, ClusterRequest, Drift, Drill, Job, JobEvent, Plan, Receipt, Rotation, Template, UpgradeReadiness } from '../client/index.js';

/** Parts of a cluster and a job. */
export type Spec = Cluster['spec'];
export type Addon = Cluster['addons'][number];
export type Condition = Cluster['conditions'][number];
export type NodePool = Spec['nodePools'][number];
export type AccessGrant = Spec['access']['grants'][number];
export type Expiry = ClusterExpiries['expiries'][number];
export type Group = Spec['access']['groups'][number];
export type DriftReport = NonNullable<Drift['report']>;
export type DriftFinding = DriftReport['findings'][number];
export type IgnoredFinding = Drift['ignored'][number];
export type Phase = Job['phases'][number];
export type Provider = ClusterRequest['provider'];
export type KubernetesVersion = Spec['kubernetesVersion'];
export type ReadinessCheck = UpgradeReadiness['checks'][number];

/** Every value of a union, in order: the compiler refuses a list that lacks one, as it would when the API gains one. */
function all<T extends string>(values: Readonly<Record<T, true>>): readonly T[] {
  return Object.keys(values) as T[];
}

/** Values that can be chosen among. */
export const providers = all<Provider>({ aws: true, azure: true });
export const clusterStates = all<Cluster['state']>({ provisioning: true, updating: true, deleting: true, ready: true, hibernated: true, failed: true, 'needs-repair': true });
export const roles = all<Group['role']>({ admin: true, operator: true, developer: true, viewer: true });
export const kubernetesVersions = all<KubernetesVersion>({ '1.34': true, '1.35': true, '1.36': true });

/** Names of clouds as people write them. */
export const providerNames: Readonly<Record<Provider, string>> = { aws: 'AWS', azure: 'Azure' };

/** Kinds of jobs as headings have them. */
export const kindNames: Readonly<Record<Job['kind'], string>> = { preview: 'Plan', create: 'Create', update: 'Change', delete: 'Delete', repair: 'Repair', backup: 'Save', drift: 'Check for drift', drill: 'Try a restore', 'cluster-drill': 'Try a restore in another cluster', upgrade: 'Upgrade', rotate: 'Rotate', restore: 'Restore', 'restore-objects': 'Restore objects', hibernate: 'Hibernate', wake: 'Wake' };
