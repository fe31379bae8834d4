import { createHash } from 'node:crypto';
import { z } from 'zod';
import { azureVaultName } from './clouds/azure.js';
import { platformSchema } from './platform.js';
import { kubernetesVersions } from './spec.js';

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

/** The secrets of a cluster by what they are, as `set/name`. Nodes read `join`, control planes `control-plane` too, the provisioner `provisioner` only. */
export const secretNames = {
  joinAuthority: 'join/ca',
  joinEndpoint: 'join/endpoint',
  joinToken: 'join/token',
  certificateAuthority: 'provisioner/ca',
  endpoint: 'provisioner/endpoint',
  provisionerClient: 'provisioner/client',
  /** The key that etcd's contents are encrypted with. The worker never reads it: a deletion that keeps the backups keeps it as it is. */
  encryptionKey: 'control-plane/encryption-key',
  /** Keys of the service accounts' tokens: the public ones, then the private ones, in each the one that signs first. */
  serviceAccountKey: 'control-plane/sa',
} as const;

/** A secret of a cluster, as `set/name`. */
export type SecretPath = (typeof secretNames)[keyof typeof secretNames];

/** AWS: full name of a secret's parameter. */
export function secretName(uid: string, secret: SecretPath): string {
  return `${parameterPrefix(uid)}/${secret}`;
}

/** Azure: the vault of a secret and its name there. */
export function vaultSecret(cluster: { name: string; uid: string }, secret: SecretPath): { vault: string; name: string } {
  const [set, name = ''] = secret.split('/');
  return { vault: vaultUrl(cluster, secretSets.find((known) => known === set) ?? 'control-plane'), name };
}

/** Azure: the address of the vault that holds a set. */
export function vaultUrl(cluster: { name: string; uid: string }, set: SecretSet): string {
  return `https://${azureVaultName(cluster, set)}.vault.azure.net`;
}

/** Label of a worker's Node: which CAs its machine trusted when it came in, as `authoritiesMark` has them. Its kubelet says so itself. */
export const authoritiesLabel = 'clusterwright.io/authorities';

/** What these certificates are called there, in whatever order they stand: SHA-256 of the sorted lines, in hex, the first 16 digits. `bootstrap.sh` does the same. */
export function authoritiesMark(certificates: string): string {
  const lines = certificates.trimEnd().split('\n').sort();
  return createHash('sha256').update(`${lines.join('\n')}\n`).digest('hex').slice(0, 16);
}

/** Prefix of the nodes' step objects in the cluster's private bucket. */
export const nodeStepPrefix = 'rendezvous/nodes/';

/** Key of one node's step object. */
export function nodeStepKey(node: string): string {
  return `${nodeStepPrefix}${node}.json`;
}

/** Prefix of what the program puts into the cluster's private bucket for its nodes. They read it and cannot write it. */
export const nodeArchivePrefix = 'nodes/';

/** The steps of a node's way into the cluster, in order; `failed` can follow on any. */
export const nodeSteps = ['booted', 'packages', 'kubeadm', 'joined', 'failed'] as const;

/** What a node writes about itself. `message` has the last lines of a failure. */
export const nodeStepSchema = z.strictObject({
  node: z.string(),
  role: z.enum(['control-plane', 'worker']),
  pool: z.string().nullable(),
  /** 1-based number of a control-plane node; null for workers. */
  index: z.int().nullable(),
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
  region: z.string(),
  role: z.enum(['control-plane', 'worker']),
  pool: z.string().nullable(),
  /** 1-based number of a control-plane node; null for workers. */
  index: z.int().nullable(),
  controlPlanes: z.int(),
  kubernetesVersion: z.enum(kubernetesVersions),
  kubernetesRelease: z.string(),
  endpoint: z.string(),
  port: z.int(),
  podCidr: z.string(),
  /** The pod network, as far as machines have to know; absent on those that were made before any had to. */
  cni: platformSchema.shape.cni.optional(),
  serviceCidr: z.string(),
  /** Where the nodes meet: steps and claims in object storage, secrets in the secret store. */
  rendezvous: z.discriminatedUnion('provider', [
    /** `key`: alias of the key that the secrets are encrypted with. */
    z.strictObject({ provider: z.literal('aws'), bucket: z.string(), parameterPrefix: z.string(), key: z.string() }),
    z.strictObject({ provider: z.literal('azure'), container: z.url(), vaults: z.record(z.enum(secretSets), z.url()) }),
  ]),
  /** URL of the service-account issuer; null without workload identity. */
  issuer: z.url().nullable(),
  /** Whose tokens the API server takes. */
  entra: z.strictObject({ tenantId: z.string(), clientId: z.string() }),
  /** Public keys that may sign in; none: SSH is off. */
  sshKeys: z.array(z.string()),
  /** URL of the mirror that images of a registry come from, by registry. */
  registryMirrors: z.record(z.string(), z.url()),
  /** URL that packages of Kubernetes come from, up to the minor; without it their own. */
  packageMirror: z.url().optional(),
  /** Whether workers have the initiator of iSCSI. */
  iscsi: z.boolean().optional(),
  /** The object of the private bucket with those of the node's files that its user data had no room for; absent where all came with that. */
  archive: z.strictObject({ key: z.string(), sha256: z.string() }).optional(),
  labels: z.record(z.string(), z.string()),
  taints: z.array(z.strictObject({ key: z.string(), value: z.string(), effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']) })),
});
export type NodeFacts = z.infer<typeof nodeFactsSchema>;

/** Path of the node facts on a node. */
export const nodeFactsPath = '/etc/clusterwright/node.json';
