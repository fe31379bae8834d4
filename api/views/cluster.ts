import { z } from 'zod';
import { addonSchema, clusterStates, conditionSchema, currentConditions, type ClusterRecord, type Observation } from '../../model/cluster.js';
import { jobKinds, jobStates } from '../../model/job.js';
import { clusterSpecSchema } from '../../model/spec.js';
import { timeSchema } from './times.js';

const kindOfLastJob = z.enum(jobKinds);

/** A cluster as callers see it. */
export const clusterViewSchema = z.strictObject({
  name: z.string(),
  uid: z.string().describe('New with each creation of the name'),
  state: z.enum(clusterStates),
  simulated: z.boolean().describe('Whether the sandbox made it'),
  spec: clusterSpecSchema.meta({ id: 'ClusterSpec', description: 'The resolved spec: complete, nothing left to default' }),
  version: z.int().describe('Grows with each change; the ETag'),
  endpoint: z.string().nullable().describe('URL of the API server, once there is one'),
  zones: z.array(z.string()),
  nodes: z.strictObject({ controlPlane: z.int(), workers: z.int() }).describe('Nodes as they were last seen'),
  addons: z.array(addonSchema.meta({ id: 'Addon' })),
  createdAt: timeSchema,
  updatedAt: timeSchema,
  lastJob: z.strictObject({ id: z.string(), kind: kindOfLastJob, state: z.enum(jobStates) }).nullable(),
  conditions: z.array(conditionSchema.meta({ id: 'Condition' })),
  links: z.strictObject({
    self: z.string(),
    jobs: z.string(),
    kubeconfig: z.string(),
    lastJob: z.string().nullable(),
    repair: z.string().optional().describe('Where it can be repaired (POST), while it has no unfinished job'),
  }),
}).meta({ id: 'Cluster' });
export type ClusterView = z.infer<typeof clusterViewSchema>;

/** Path of a cluster. */
export function clusterPath(name: string): string {
  return `/clusters/${name}`;
}

/** What callers see of a cluster at `now`: the record, what was observed, and links. */
export function clusterView(cluster: ClusterRecord, observation: Observation | undefined, now: Date): ClusterView {
  const self = clusterPath(cluster.name);
  const { lastJob } = cluster;
  return {
    name: cluster.name,
    uid: cluster.uid,
    state: cluster.state,
    simulated: cluster.simulated,
    spec: cluster.spec,
    version: cluster.version,
    endpoint: cluster.connection?.endpoint ?? null,
    zones: cluster.zones,
    nodes: observation?.nodes ?? { controlPlane: 0, workers: 0 },
    addons: observation?.addons ?? [],
    createdAt: cluster.createdAt,
    updatedAt: cluster.updatedAt,
    lastJob: lastJob && { id: lastJob.id, kind: kindOfLastJob.parse(lastJob.kind), state: lastJob.state },
    conditions: currentConditions([...cluster.conditions, ...(observation?.conditions ?? [])], now),
    links: {
      self,
      jobs: `${self}/jobs`,
      kubeconfig: `${self}/kubeconfig`,
      lastJob: lastJob && `/jobs/${lastJob.id}`,
      ...(cluster.activeJob === null ? { repair: `${self}/repair` } : {}),
    },
  };
}
