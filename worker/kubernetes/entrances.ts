import { z } from 'zod';
import type { KubernetesClient } from './client.js';

const ownerSchema = z.object({ namespace: z.string(), annotations: z.record(z.string(), z.string()).optional() });

const ingressSchema = z.object({
  metadata: ownerSchema,
  spec: z.object({
    tls: z.array(z.object({ hosts: z.array(z.string()).optional() })).optional(),
    rules: z.array(z.object({ host: z.string().optional(), http: z.object({ paths: z.array(z.object({ path: z.string().optional() })) }).optional() })).optional(),
  }),
});

const serviceSchema = z.object({
  metadata: ownerSchema,
  spec: z.object({ type: z.string().optional(), ports: z.array(z.object({ port: z.int() })).optional() }),
  status: z.object({ loadBalancer: z.object({ ingress: z.array(z.object({ hostname: z.string().optional(), ip: z.string().optional() })).optional() }).optional() }).optional(),
});

export type Ingress = z.infer<typeof ingressSchema>;
export type Service = z.infer<typeof serviceSchema>;

/** Where a Helm release is reached from outside the cluster. */
export interface Entrance {
  readonly namespace: string;
  readonly release: string;
  readonly url: string;
}

/** Asks for everything that a Helm release could be reached at. Throws KubernetesError. */
export async function entrances(client: Pick<KubernetesClient, 'objects'>): Promise<Entrance[]> {
  const [ingresses = [], services = []] = await Promise.all([client.objects('/apis/networking.k8s.io/v1/ingresses', ingressSchema), client.objects('/api/v1/services', serviceSchema)]);
  return entrancesOf(ingresses, services);
}

/**
 * The entrances of Helm releases: the names of their Ingresses, then the addresses that the cloud gave to their load balancers. An Ingress without a name of its own, and a load
 * balancer that the cloud has not made yet, lead nowhere. Pure.
 */
export function entrancesOf(ingresses: readonly Ingress[], services: readonly Service[]): Entrance[] {
  const ofIngresses = ingresses.flatMap(({ metadata, spec: { tls = [], rules = [] } }) => rules.flatMap(({ host, http }) => {
    if (host === undefined || host.includes('*')) return [];
    const scheme = tls.some(({ hosts = [] }) => hosts.includes(host)) ? 'https' : 'http';
    return ofRelease(metadata, `${scheme}://${host}${http?.paths[0]?.path ?? '/'}`);
  }));
  const ofServices = services.flatMap(({ metadata, spec: { type, ports = [] }, status }) => {
    const [given] = status?.loadBalancer?.ingress ?? [];
    const host = given?.hostname ?? given?.ip;
    if (type !== 'LoadBalancer' || host === undefined) return [];
    return ofRelease(metadata, `${ports.some(({ port }) => port === 443) ? 'https' : 'http'}://${host}/`);
  });
  return [...ofIngresses, ...ofServices];
}

function ofRelease({ namespace, annotations = {} }: z.infer<typeof ownerSchema>, url: string): Entrance[] {
  const release = annotations['meta.helm.sh/release-name'];
  return release === undefined ? [] : [{ namespace, release, url }];
}
