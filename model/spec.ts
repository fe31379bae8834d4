import { z } from 'zod';
import { alertingSchema } from './alerting.js';
import { datadogSchema } from './datadog.js';
import { dnsSchema } from './dns.js';
import { cidrSchema, dnsLabelSchema, domainSchema, labelsSchema, mirrorSchema, quantitySchema, registrySchema, repositorySchema, sshKeySchema, taintSchema, uuidSchema } from './fields.js';
import { gitopsSchema } from './gitops.js';
import { hibernationSchema } from './hibernation.js';
import { maintenanceSchema } from './maintenance.js';
import { clusterNamePattern } from './names.js';
import { nodeHealthSchema } from './node-health.js';
import { pipelinesSchema } from './pipelines.js';
import { platformSchema, podSecurityLevels } from './platform.js';
import { policiesSchema } from './policies.js';
import { driftSettingsSchema } from './drift.js';
import { recoverySchema } from './recovery.js';
import { secretStoreSchema } from './secret-stores.js';
import { storageSchema } from './storage.js';
import { webhooksSchema } from './webhooks.js';

/** Clouds that clusters can be provisioned on. */
export const providers = ['aws', 'azure'] as const;
export type Provider = (typeof providers)[number];

/** Kubernetes minors that can be asked for, and the release each stands for. */
export const kubernetesReleases = { '1.34': '1.34.4', '1.35': '1.35.4', '1.36': '1.36.3' } as const;
export type KubernetesVersion = keyof typeof kubernetesReleases;
export const kubernetesVersions = Object.keys(kubernetesReleases) as [KubernetesVersion, ...KubernetesVersion[]];

/** The four roles that a group can have. `developer` and `viewer` hold in namespaces only. */
export const roles = ['admin', 'operator', 'developer', 'viewer'] as const;
export type Role = (typeof roles)[number];
/** Roles that are given within namespaces. */
export const namespacedRoles: readonly Role[] = ['developer', 'viewer'];

const nodePoolSchema = z.strictObject({
  name: dnsLabelSchema(12).describe('Name of the pool; pools are told apart by it'),
  machineType: z.string().min(1).max(40),
  minNodes: z.int().min(0).max(1000).default(1),
  maxNodes: z.int().min(1).max(1000).default(3),
  diskGiB: z.int().min(30).max(16384).default(100),
  labels: labelsSchema.default({}),
  taints: z.array(taintSchema).max(20).default([]),
});

const namespaceSchema = z.strictObject({
  name: dnsLabelSchema(63),
  quota: z.strictObject({ cpu: quantitySchema, memory: quantitySchema }).default({ cpu: '10', memory: '32Gi' }),
  podSecurity: z.enum(podSecurityLevels).default('restricted'),
  repositories: z.array(repositorySchema).max(50).default([]).describe('With Argo CD: the repositories that its project takes applications from'),
  mesh: z.boolean().default(false).describe('Whether its pods are in the mesh of `platform.mesh`: whoever calls them has to be in it too'),
});

const groupSchema = z.strictObject({
  id: uuidSchema.describe('Object id of the Microsoft Entra ID group'),
  role: z.enum(roles),
  namespaces: z.array(dnsLabelSchema(63)).min(1).max(100).optional(),
});

/** Access that ends by itself: a group has a role until a time. Made and taken away by calls of its own, never by a request or a patch. */
export const accessGrantSchema = z.strictObject({
  id: z.ulid().describe('Id of the grant, and of the job that brought it'),
  group: uuidSchema.describe('Object id of the Microsoft Entra ID group, in lower case'),
  role: z.enum(roles),
  namespaces: groupSchema.shape.namespaces,
  until: z.iso.datetime({ precision: 0 }),
  reason: z.string(),
  grantedBy: z.string(),
  grantedAt: z.iso.datetime(),
}).meta({ id: 'AccessGrant' });
export type AccessGrant = z.infer<typeof accessGrantSchema>;

/**
 * The resolved cluster spec: complete, nothing left to default. A request is merged over its template, a patch over this. Item defaults
 * of arrays (pools, namespaces) are applied after the merge.
 */
export const clusterSpecSchema = z.strictObject({
  name: z.string().regex(clusterNamePattern, 'must match ^[a-z]([a-z0-9-]{0,22}[a-z0-9])?$'),
  template: z.string().max(63).nullable().default(null),
  provider: z.enum(providers),
  region: z.string().max(30),
  account: z.string().min(1).max(63).default('default'),
  owner: z.string().min(1).max(63).default('unowned'),
  labels: labelsSchema.default({}),
  kubernetesVersion: z.enum(kubernetesVersions),
  network: z.strictObject({
    cidr: cidrSchema,
    podCidr: cidrSchema,
    serviceCidr: cidrSchema,
    domain: domainSchema,
    natGateways: z.enum(['per-zone', 'single']),
    workloadIdentity: z.boolean(),
    apiServer: z.strictObject({ public: z.boolean(), allowedCidrs: z.array(cidrSchema).max(50) }),
  }),
  controlPlane: z.strictObject({
    replicas: z.union([z.literal(1), z.literal(3), z.literal(5)], 'must be 1, 3 or 5: etcd needs an odd number of members'),
    machineType: z.string().min(1).max(40),
    etcdDiskGiB: z.int().min(10).max(1024),
  }),
  nodePools: z.array(nodePoolSchema).min(1).max(20),
  machines: z.strictObject({
    sshKeys: z.array(sshKeySchema).max(3).describe('Public keys that may sign in to the machines; without one there is no SSH'),
    registryMirrors: z.record(registrySchema, mirrorSchema).refine((mirrors) => Object.keys(mirrors).length <= 4, 'must have at most 4 entries').describe('Where images of a registry come from instead, e.g. {"docker.io": "https://registry.example.com/v2/docker"}'),
    packageMirror: mirrorSchema.optional().describe('Where packages of Kubernetes come from instead of https://pkgs.k8s.io/core:/stable: and containerd and runc with them, if it has these; laid out like that, with its signing key as Release.key in each minor, e.g. https://packages.example.com/kubernetes'),
    iscsi: z.boolean().optional().describe('Whether workers have what attaches iSCSI volumes'),
  }).default({ sshKeys: [], registryMirrors: {} }).describe('What all machines of the cluster have'),
  access: z.strictObject({
    entra: z.strictObject({ tenantId: uuidSchema, clientId: uuidSchema }),
    groups: z.array(groupSchema).max(200).default([]),
    pipelines: pipelinesSchema.default([]).describe('Who deploys from outside, with tokens of GitHub, GitLab, Jenkins or another OpenID Connect issuer, each in one namespace'),
    grants: z.array(accessGrantSchema).max(50).default([]).meta({ readOnly: true, description: 'Temporary access: `POST /clusters/{name}/access-grants` gives it, and nothing else' }),
  }),
  namespaces: z.array(namespaceSchema).max(100),
  platform: platformSchema,
  secretStore: secretStoreSchema.default({ kind: 'cloud' }).describe('Where the secrets lie that `platform.secrets` brings into namespaces'),
  storage: storageSchema.default({ classes: [], volumes: [] }).describe('Storage on servers of yours, beside the disks of the cloud'),
  gitops: gitopsSchema.optional().describe('What `platform.gitops` brings into the cluster first'),
  dns: dnsSchema.default({ zones: [] }).describe('Where `platform.dns` writes names'),
  alerting: alertingSchema.default({ receivers: [] }).describe('Who is told of what `platform.monitoring` finds'),
  snyk: z.strictObject({ api: mirrorSchema.describe('Where Snyk is told, for an organisation in another region than its first, e.g. https://api.eu.snyk.io/v2/kubernetes-upstream') }).optional().describe('What `platform.scanning: snyk` needs to know; integration id and token lie in the secret store'),
  datadog: datadogSchema.optional().describe('What `platform.hostedMonitoring: datadog` needs to know; its key lies in the secret store'),
  policies: policiesSchema.default({ mode: 'audit', trustedRegistries: [], signedImages: [] }).describe('What the policies of `platform.policy` ask for'),
  mirrors: z.strictObject({
    charts: mirrorSchema.optional().describe('A chart repository that has every chart of the platform, instead of the repositories that they are published in'),
  }).default({}).describe('Where the platform comes from instead; images go by `machines.registryMirrors`'),
  compliance: z.strictObject({
    flowLogs: z.enum(['rejected', 'all']).describe('Which traffic the network\'s flow logs record'),
    logRetentionDays: z.union([z.literal(30), z.literal(90), z.literal(365)]),
    detailedMonitoring: z.boolean().describe('Metrics of the machines every minute'),
    backupRetentionDays: z.int().min(7).max(3650),
  }),
  nodeHealth: nodeHealthSchema.default(nodeHealthSchema.parse({})).describe('When machines that are not well are replaced by themselves'),
  recovery: recoverySchema.prefault({}).describe('When restores are tried, and how good they have to be'),
  drift: driftSettingsSchema.optional().describe('When the cluster is looked through for drift by itself, and what of it is meant'),
  protect: z.boolean().default(false).describe('Whether a deletion is refused until this is patched away'),
  deletion: z.strictObject({ retain: z.enum(['backups', 'none']).describe('What a deletion keeps unless the request says otherwise') }),
  hibernation: hibernationSchema.optional().describe('When the cluster is hibernated and woken by itself'),
  maintenance: maintenanceSchema.optional().describe('When upgrades and rotations may be asked for, and the service tidies up; without windows always'),
  webhooks: webhooksSchema.default([]).describe('Who is told, by signed requests, what happens to the cluster and its jobs'),
});

/** A complete cluster spec. */
export type ClusterSpec = z.infer<typeof clusterSpecSchema>;
/** A pool of worker machines of one type. */
export type NodePool = ClusterSpec['nodePools'][number];

/** Fields that never change after creation. `kubernetesVersion` changes by upgrade only. */
export const immutableFields = [
  '/name', '/provider', '/region', '/account', '/template', '/network/cidr', '/network/podCidr', '/network/serviceCidr', '/network/domain',
  '/network/natGateways', '/network/workloadIdentity', '/controlPlane/replicas', '/controlPlane/machineType', '/controlPlane/etcdDiskGiB',
  '/machines', '/platform/cni', '/access/entra/tenantId', '/access/entra/clientId', '/access/grants', '/kubernetesVersion',
] as const;
