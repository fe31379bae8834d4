import type { ClusterRecord, ClusterState, Observation } from '../../model/cluster.js';
import { newJobId, newUid } from '../../model/ids.js';
import { newJob, type JobKind, type JobRecord } from '../../model/job.js';
import { clusterSpecSchema, type ClusterSpec } from '../../model/spec.js';

/** A complete spec, for tests that need some cluster. */
export function someSpec(name: string, changes: Partial<ClusterSpec> = {}): ClusterSpec {
  return clusterSpecSchema.parse({
    name,
    template: 'production',
    provider: 'aws',
    region: 'eu-west-1',
    account: 'default',
    owner: 'payments',
    labels: { 'cost-centre': '4711' },
    kubernetesVersion: '1.35',
    network: {
      cidr: '10.20.0.0/16', podCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/12', domain: 'clusterwright.internal',
      natGateways: 'per-zone', workloadIdentity: true, apiServer: { public: false, allowedCidrs: [] },
    },
    controlPlane: { replicas: 3, machineType: 'm7i.large', etcdDiskGiB: 64 },
    nodePools: [{ name: 'general', machineType: 'm7i.xlarge', minNodes: 3, maxNodes: 10, diskGiB: 100, labels: {}, taints: [] }],
    access: {
      entra: { tenantId: '11111111-1111-1111-1111-111111111111', clientId: '22222222-2222-2222-2222-222222222222' },
      groups: [{ id: '33333333-3333-3333-3333-333333333333', role: 'admin' }],
    },
    namespaces: [{ name: 'payments', quota: { cpu: '20', memory: '64Gi' }, podSecurity: 'restricted' }],
    platform: { cni: 'cilium', monitoring: 'prometheus', logging: 'loki', backup: 'velero', gitops: 'none' },
    compliance: { flowLogs: 'rejected', logRetentionDays: 90, detailedMonitoring: false, backupRetentionDays: 30 },
    deletion: { retain: 'backups' },
    ...changes,
  });
}

/** A new job, as the API makes it. */
export function someJob(kind: JobKind, cluster: Pick<ClusterRecord, 'name' | 'uid' | 'spec'>): JobRecord {
  return newJob({
    id: newJobId(), cluster: cluster.name, uid: cluster.uid, kind, simulated: true, requestedBy: 'anonymous', requestId: 'request-1',
    createdAt: new Date().toISOString(), spec: cluster.spec, intent: { retain: 'none', change: kind === 'preview' ? 'create' : kind, retryOf: null },
  });
}

/** A new cluster with its job, as the API makes them. */
export function someCluster(name: string, changes: Partial<ClusterSpec> = {}): { cluster: ClusterRecord; job: JobRecord } {
  const at = new Date().toISOString();
  const identity = { name, uid: newUid(), spec: someSpec(name, changes) };
  const job = someJob('create', identity);
  const cluster: ClusterRecord = {
    ...identity, slot: 1, state: 'provisioning', simulated: true, version: 1, zones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'], connection: null, conditions: [],
    createdAt: at, updatedAt: at, activeJob: job.id, nextJob: null, lastJob: { id: job.id, kind: job.kind, state: job.state },
  };
  return { cluster, job };
}

/** A job's record at its end. */
export function ended(job: JobRecord, state: 'succeeded' | 'failed' | 'cancelled' = 'succeeded'): JobRecord {
  return { ...job, state, endedAt: new Date().toISOString() };
}

/** A cluster's record in another state. */
export function inState(cluster: ClusterRecord | undefined, state: ClusterState): ClusterRecord {
  if (cluster === undefined) throw new Error('there is no cluster');
  return { ...cluster, state };
}

/** What an observer sees of a healthy cluster. */
export function someObservation(workers = 3): Observation {
  return {
    conditions: [{ type: 'Reachable', status: 'True', reason: 'Answers', message: 'The API server answers.', observedAt: new Date().toISOString() }],
    nodes: { controlPlane: 3, workers },
    addons: [{ name: 'cilium', version: '1.18.4', state: 'deployed', url: null }],
  };
}
