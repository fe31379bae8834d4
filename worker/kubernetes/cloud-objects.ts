import { z } from 'zod';
import type { KubernetesClient } from './client.js';

const metadataSchema = z.object({
  name: z.string(), namespace: z.string().optional(), uid: z.string().optional(), annotations: z.record(z.string(), z.string()).optional(),
  ownerReferences: z.array(z.object({ controller: z.boolean().optional() })).optional(), deletionTimestamp: z.string().optional(),
});
const volumesSchema = z.array(z.object({ persistentVolumeClaim: z.unknown().optional(), ephemeral: z.unknown().optional() })).optional();
const podSchema = z.object({ metadata: metadataSchema, spec: z.object({ volumes: volumesSchema }) });
const templateSchema = z.object({ spec: z.object({ volumes: volumesSchema }).optional() }).optional();
const workloadSchema = z.object({
  metadata: metadataSchema,
  spec: z.object({
    replicas: z.int().optional(), suspend: z.boolean().optional(), template: templateSchema, volumeClaimTemplates: z.array(z.unknown()).optional(),
    jobTemplate: z.object({ spec: z.object({ template: templateSchema }).optional() }).optional(),
  }),
});
const serviceSchema = z.object({ metadata: metadataSchema, spec: z.object({ type: z.string().optional() }) });
const objectSchema = z.object({ metadata: metadataSchema });
const claimSchema = z.object({ metadata: metadataSchema, spec: z.object({ volumeName: z.string().optional() }) });
const volumeSchema = z.object({ metadata: metadataSchema, spec: z.object({ persistentVolumeReclaimPolicy: z.string().optional() }) });

type Metadata = z.infer<typeof metadataSchema>;

/** Annotation of a volume that a provisioner made, rather than somebody by hand. */
const provisioner = 'pv.kubernetes.io/provisioned-by';
const gatewayGroup = 'gateway.networking.k8s.io';

/** A workload whose pods mount claims, and what stops it. */
export interface Mounter {
  readonly path: string;
  /** What stops it: no replicas, suspension, or its deletion. */
  readonly stop: 'scale' | 'suspend' | 'delete';
}

/** The objects of a cluster that stand for something in the cloud, or hold it, by their paths. */
export interface CloudObjects {
  readonly mounters: readonly Mounter[];
  readonly pods: readonly string[];
  readonly services: readonly string[];
  readonly gateways: readonly string[];
  readonly claims: readonly string[];
  /** Volumes that a provisioner made; `kept` are those whose disks their deletion would leave behind. */
  readonly volumes: readonly { readonly path: string; readonly kept: boolean }[];
}

/** The kinds of workloads with the way in which each is stopped. What a controller owns is stopped with its owner. */
const workloadKinds = [
  { path: '/apis/batch/v1', plural: 'cronjobs', stop: 'suspend' },
  { path: '/apis/apps/v1', plural: 'deployments', stop: 'scale' },
  { path: '/apis/apps/v1', plural: 'statefulsets', stop: 'scale' },
  { path: '/apis/apps/v1', plural: 'replicasets', stop: 'scale' },
  { path: '/apis/apps/v1', plural: 'daemonsets', stop: 'delete' },
  { path: '/apis/batch/v1', plural: 'jobs', stop: 'delete' },
] as const;

/** Reads all of them. Throws KubernetesError when the API server does not answer. */
export async function readCloudObjects(client: KubernetesClient): Promise<CloudObjects> {
  const [mounters, pods, services, gateways, claims, volumes] = await Promise.all([
    Promise.all(workloadKinds.map((kind) => mountersOf(client, kind))),
    client.objects('/api/v1/pods', podSchema),
    client.objects('/api/v1/services', serviceSchema),
    gatewaysOf(client),
    client.objects('/api/v1/persistentvolumeclaims', claimSchema),
    client.objects('/api/v1/persistentvolumes', volumeSchema),
  ]);
  const made = (volumes ?? []).filter(({ metadata }) => metadata.annotations?.[provisioner] !== undefined);
  const byHand = new Set((volumes ?? []).filter((volume) => !made.includes(volume)).map(({ metadata }) => metadata.name));
  return {
    mounters: mounters.flat(),
    pods: (pods ?? []).filter(({ spec }) => mounts(spec.volumes)).map(({ metadata }) => within('/api/v1', metadata, 'pods')),
    services: (services ?? []).filter(({ spec }) => spec.type === 'LoadBalancer').map(({ metadata }) => within('/api/v1', metadata, 'services')),
    gateways,
    // A claim that waits for its volume would have one made later; one on a volume that somebody made by hand has nothing of ours.
    claims: (claims ?? []).filter(({ spec }) => !byHand.has(spec.volumeName ?? '')).map(({ metadata }) => within('/api/v1', metadata, 'persistentvolumeclaims')),
    volumes: made.map(({ metadata, spec }) => ({ path: `/api/v1/persistentvolumes/${metadata.name}`, kept: spec.persistentVolumeReclaimPolicy !== 'Delete' })),
  };
}

async function mountersOf(client: KubernetesClient, { path, plural, stop }: (typeof workloadKinds)[number]): Promise<Mounter[]> {
  const workloads = (await client.objects(`${path}/${plural}`, workloadSchema)) ?? [];
  return workloads
    .filter(({ metadata }) => metadata.ownerReferences?.some(({ controller }) => controller === true) !== true)
    .filter(({ spec }) => mounts(spec.template?.spec?.volumes) || mounts(spec.jobTemplate?.spec?.template?.spec?.volumes) || (spec.volumeClaimTemplates ?? []).length > 0)
    .filter(({ spec }) => !(stop === 'scale' && spec.replicas === 0) && !(stop === 'suspend' && spec.suspend === true))
    .map(({ metadata }) => ({ path: within(path, metadata, plural), stop }));
}

async function gatewaysOf(client: KubernetesClient): Promise<string[]> {
  const [version] = await client.versionsOf(gatewayGroup);
  if (version === undefined) return [];
  const path = `/apis/${gatewayGroup}/${version}`;
  return ((await client.objects(`${path}/gateways`, objectSchema)) ?? []).map(({ metadata }) => within(path, metadata, 'gateways'));
}

function mounts(volumes: z.infer<typeof volumesSchema>): boolean {
  return (volumes ?? []).some((volume) => volume.persistentVolumeClaim !== undefined || volume.ephemeral !== undefined);
}

function within(base: string, { namespace, name }: Metadata, plural: string): string {
  return `${base}/namespaces/${encodeURIComponent(namespace ?? '')}/${plural}/${encodeURIComponent(name)}`;
}
