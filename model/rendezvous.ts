import { z } from 'zod';

/**
 * Where the nodes of a cluster and the worker meet: secrets in the cloud's secret store, steps in object storage. The node scripts, the worker
 * and the programs' access rules all take the names from here.
 */
export function parameterPrefix(uid: string): string {
  return `/clusterwright/${uid}`;
}

/** Who may read which set: `control-plane` the control planes only, `join` every node, `provisioner` the worker only. */
export const secretSets = ['control-plane', 'join', 'provisioner'] as const;
export type SecretSet = (typeof secretSets)[number];

/** The secrets that the worker reads or that workers join with. */
export const secretNames = {
  certificateAuthority: 'join/ca',
  endpoint: 'join/endpoint',
  joinToken: 'join/token',
  provisionerClient: 'provisioner/client',
  /** The key that etcd's contents are encrypted with. The worker never reads it: a deletion that keeps the backups keeps it as it is. */
  encryptionKey: 'control-plane/encryption-key',
} as const;

/** Full name of a secret in the store. */
export function secretName(uid: string, secret: (typeof secretNames)[keyof typeof secretNames]): string {
  return `${parameterPrefix(uid)}/${secret}`;
}

/** Prefix of the nodes' step objects in the cluster's private bucket. */
export const nodeStepPrefix = 'rendezvous/nodes/';

/** Key of one node's step object. */
export function nodeStepKey(node: string): string {
  return `${nodeStepPrefix}${node}.json`;
}

/** The steps of a node's way into the cluster, in order; `failed` can follow on any. */
export const nodeSteps = ['booted', 'packages', 'kubeadm', 'joined', 'failed'] as const;

/** What a node writes about itself. `message` has the last lines of a failure. */
export const nodeStepSchema = z.strictObject({
  node: z.string(),
  role: z.enum(['control-plane', 'worker']),
  pool: z.string().nullable(),
  step: z.enum(nodeSteps),
  at: z.iso.datetime(),
  message: z.string().nullable(),
});
export type NodeStep = z.infer<typeof nodeStepSchema>;

/** The provisioner's client certificate as the control planes publish it: 24 hours, renewed on the nodes. */
export const provisionerClientSchema = z.strictObject({ certificate: z.string(), key: z.string(), notAfter: z.iso.datetime() });
export type ProvisionerClient = z.infer<typeof provisionerClientSchema>;

/** `/etc/clusterwright/node.json`: all that a node knows about its cluster when it boots. No secret is in it. */
export const nodeFactsSchema = z.strictObject({
  schema: z.literal(1),
  cluster: z.string(),
  uid: z.string(),
  provider: z.string(),
  region: z.string(),
  role: z.enum(['control-plane', 'worker']),
  pool: z.string().nullable(),
  /** 1-based number of a control-plane node; null for workers. */
  index: z.int().nullable(),
  controlPlanes: z.int(),
  kubernetesVersion: z.string(),
  kubernetesRelease: z.string(),
  endpoint: z.string(),
  port: z.int(),
  podCidr: z.string(),
  serviceCidr: z.string(),
  bucket: z.string(),
  parameterPrefix: z.string(),
  labels: z.record(z.string(), z.string()),
  taints: z.array(z.strictObject({ key: z.string(), value: z.string(), effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']) })),
});
export type NodeFacts = z.infer<typeof nodeFactsSchema>;

/** Path of the node facts on a node. */
export const nodeFactsPath = '/etc/clusterwright/node.json';
