import { z } from 'zod';
import type { ClusterNode, KubernetesClient } from './client.js';

const metadataSchema = z.object({ name: z.string(), namespace: z.string().optional() });
const budgetSchema = z.object({ metadata: metadataSchema, status: z.object({ disruptionsAllowed: z.int().optional(), expectedPods: z.int().optional() }).optional() });
const webhookSchema = z.object({
  metadata: metadataSchema,
  webhooks: z.array(z.object({
    name: z.string(), failurePolicy: z.string().optional(),
    clientConfig: z.object({ service: z.object({ name: z.string(), namespace: z.string() }).optional() }).optional(),
  })).optional(),
});
const sliceSchema = z.object({
  metadata: metadataSchema.extend({ labels: z.record(z.string(), z.string()).optional() }),
  endpoints: z.array(z.object({ conditions: z.object({ ready: z.boolean().nullish() }).optional() })).nullish(),
});

/** What in a cluster may hold up the replacement of its machines. */
export interface Obstacles {
  readonly nodes: readonly ClusterNode[];
  /** PodDisruptionBudgets over pods, `NAMESPACE/NAME`, that allow no eviction at this moment. */
  readonly budgets: readonly string[];
  /** Webhooks that refuse when nobody answers, whose service has nobody to. */
  readonly webhooks: readonly string[];
}

/** Takes one look. Throws KubernetesError when the API server does not answer. */
export async function obstaclesIn(client: Pick<KubernetesClient, 'nodes' | 'objects'>): Promise<Obstacles> {
  const admission = '/apis/admissionregistration.k8s.io/v1';
  const [nodes, budgets = [], validating = [], mutating = [], slices = []] = await Promise.all([
    client.nodes(), client.objects('/apis/policy/v1/poddisruptionbudgets', budgetSchema),
    client.objects(`${admission}/validatingwebhookconfigurations`, webhookSchema), client.objects(`${admission}/mutatingwebhookconfigurations`, webhookSchema),
    client.objects('/apis/discovery.k8s.io/v1/endpointslices', sliceSchema),
  ]);
  const answered = new Set(slices.filter(({ endpoints }) => endpoints?.some(({ conditions }) => conditions?.ready !== false) === true)
    .map(({ metadata: { namespace = '', labels = {} } }) => `${namespace}/${labels['kubernetes.io/service-name'] ?? ''}`));
  return {
    nodes,
    budgets: budgets.filter(({ status }) => (status?.expectedPods ?? 0) > 0 && status?.disruptionsAllowed === 0).map(({ metadata: { namespace = '', name } }) => `${namespace}/${name}`),
    webhooks: [...validating, ...mutating].flatMap(({ metadata, webhooks = [] }) => webhooks.flatMap(({ name, failurePolicy = 'Fail', clientConfig }) => {
      const service = clientConfig?.service;
      return failurePolicy === 'Fail' && service !== undefined && !answered.has(`${service.namespace}/${service.name}`) ? `${name} of ${metadata.name}` : [];
    })),
  };
}
