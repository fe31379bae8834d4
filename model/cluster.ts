import { z } from 'zod';
import { clouds } from './clouds/index.js';
import { jobStates, type JobError, type JobKind, type JobRecord } from './job.js';
import { clusterSpecSchema } from './spec.js';

export const clusterStates = ['provisioning', 'updating', 'deleting', 'ready', 'hibernated', 'failed', 'needs-repair'] as const;
export type ClusterState = (typeof clusterStates)[number];

/** States that a cluster may move to from each state. Checked on every write. */
export const clusterMoves: Readonly<Record<ClusterState, readonly ClusterState[]>> = {
  provisioning: ['provisioning', 'ready', 'failed', 'needs-repair'],
  updating: ['updating', 'ready', 'hibernated', 'failed', 'needs-repair'],
  deleting: ['deleting', 'failed', 'needs-repair'],
  ready: ['ready', 'updating', 'deleting'],
  hibernated: ['hibernated', 'updating', 'deleting'],
  failed: ['failed', 'provisioning', 'updating', 'deleting'],
  'needs-repair': ['needs-repair', 'provisioning', 'updating', 'deleting'],
};

/** The state of a cluster while a job of each kind runs. Null: it stays what it is, whatever comes of the job, because the job leaves the cluster as it is. */
export const stateDuring = {
  preview: null, create: 'provisioning', 'cluster-drill': 'provisioning', update: 'updating', repair: 'updating', delete: 'deleting', backup: null, drift: null, drill: null, upgrade: 'updating', rotate: 'updating', restore: 'updating', 'restore-objects': 'updating', hibernate: 'updating', wake: 'updating',
} as const satisfies Readonly<Record<JobKind, ClusterState | null>>;

/** The states that a cluster may have without an unfinished job. */
export const settledStates: readonly ClusterState[] = ['ready', 'hibernated', 'failed', 'needs-repair'];

/** What a cluster is after a job that succeeded. */
export function stateAfter(kind: JobKind): ClusterState {
  return kind === 'hibernate' ? 'hibernated' : 'ready';
}

const time = z.iso.datetime();

/** Health is told apart from state: conditions come from the read-only observer. */
export const conditionTypes = ['Reachable', 'NodesReady', 'AddonsHealthy', 'NodeReplacement', 'DeletionIncomplete'] as const;
export const conditionSchema = z.strictObject({
  type: z.enum(conditionTypes),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string(),
  message: z.string(),
  observedAt: time,
});
export type Condition = z.infer<typeof conditionSchema>;

export const addonSchema = z.strictObject({
  name: z.string(),
  version: z.string(),
  /** `deployed` and healthy, `degraded`, `pending`, `failed`; `stand-in` where something else does its work, `skipped` where it was left out. */
  state: z.enum(['deployed', 'degraded', 'pending', 'failed', 'stand-in', 'skipped']),
  /** Why it is a stand-in or was skipped. */
  reason: z.string().optional(),
  /** Where it is reached from outside the cluster, as its Ingress or load balancer has it; null where nothing leads to it. */
  url: z.string().nullable(),
});
export type Addon = z.infer<typeof addonSchema>;

/** How clients and the worker get to the API server. Public data only: the CA is a certificate. */
export const connectionSchema = z.strictObject({
  /** `https://api.NAME.DOMAIN:6443`. */
  endpoint: z.string(),
  /** What the worker dials: the load balancer's own name or address. */
  address: z.string(),
  certificateAuthority: z.string(),
});
export type Connection = z.infer<typeof connectionSchema>;

/** What the observer or the verify phase saw of a cluster. Kept apart from the record, so that looking never counts as a change. */
export const observationSchema = z.strictObject({
  conditions: z.array(conditionSchema),
  nodes: z.strictObject({ controlPlane: z.int(), workers: z.int() }),
  addons: z.array(addonSchema),
});
export type Observation = z.infer<typeof observationSchema>;

/** A cluster as it is stored. The API adds what was observed and links, and hides `connection` and `activeJob`. */
export const clusterRecordSchema = z.strictObject({
  name: z.string(),
  uid: z.string(),
  /**
   * Number of the cluster in its installation, never given twice. Clusters may have the same network; what the worker must tell apart, the addresses
   * of their API load balancers, comes out of this number.
   */
  slot: z.int().min(1),
  state: z.enum(clusterStates),
  simulated: z.boolean(),
  spec: clusterSpecSchema,
  /** Grows by one with every write; the ETag. */
  version: z.int().min(1),
  zones: z.array(z.string()),
  connection: connectionSchema.nullable(),
  /** Conditions that jobs set (not the observer): `DeletionIncomplete`. */
  conditions: z.array(conditionSchema),
  createdAt: time,
  updatedAt: time,
  /** Id of the unfinished job, or null. */
  activeJob: z.string().nullable(),
  /** Id of the deletion that begins as soon as the unfinished job, which is being cancelled for it, has ended; or null. */
  nextJob: z.string().nullable(),
  lastJob: z.strictObject({ id: z.string(), kind: z.string(), state: z.enum(jobStates) }).nullable(),
});
export type ClusterRecord = z.infer<typeof clusterRecordSchema>;

/** A cluster as its first job, which makes it, finds it. @param slot its number in the installation */
export function newCluster({ id, kind, state, cluster: name, uid, simulated, spec, createdAt }: JobRecord, slot: number): ClusterRecord {
  return {
    name, uid, slot, simulated, spec, createdAt,
    state: 'provisioning',
    version: 1,
    zones: clouds[spec.provider].zones(spec.region),
    connection: null,
    conditions: [],
    updatedAt: createdAt,
    activeJob: id,
    nextJob: null,
    lastJob: { id, kind, state },
  };
}

/** Whether a cluster waits for something else than a job of one of these kinds, which may go on with what one of them has left in the middle: a job that succeeds would hide that its last change has not. */
export function isIncomplete({ state, lastJob }: Pick<ClusterRecord, 'state' | 'lastJob'>, kinds: readonly JobKind[]): boolean {
  return state === 'needs-repair' || (state === 'failed' && !kinds.some((kind) => kind === lastJob?.kind));
}

/** A cluster's conditions after a deletion that ended with this error, and before its end. */
export function withDeletionIncomplete(conditions: readonly Condition[], error: Pick<JobError, 'code' | 'detail'>, observedAt: string): Condition[] {
  // A condition's reason is a CamelCase word: `deletion-incomplete` is `DeletionIncomplete`.
  const reason = error.code.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return [...conditions.filter(({ type }) => type !== 'DeletionIncomplete'), { type: 'DeletionIncomplete', status: 'True', reason, message: error.detail, observedAt }];
}

/** The reason of a condition that holds for as long as a cluster's machines are switched off. */
export const hibernatedReason = 'Hibernated';

/** After this time an observation says nothing any more. */
export const observationMaxAgeMs = 180_000;

/** The conditions as they count at `now`: what is older than three rounds of the observer is `Unknown`, but for a cluster that nobody looks at because its machines are switched off. */
export function currentConditions(conditions: readonly Condition[], now: Date): Condition[] {
  return conditions.map((condition) =>
    now.getTime() - Date.parse(condition.observedAt) > observationMaxAgeMs && condition.type !== 'DeletionIncomplete' && condition.reason !== hibernatedReason
      ? { ...condition, status: 'Unknown', reason: 'Stale', message: `not observed since ${condition.observedAt}` }
      : condition);
}
