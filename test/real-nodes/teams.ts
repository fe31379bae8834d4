import { expect, it } from 'vitest';
import { z } from 'zod';
import { containerDefaults, quotaLimits } from '../../programs/platform/namespaces.js';
import type { Ground } from './ground.js';
import { entra } from './real-cluster.js';

const namespace = ['--namespace', 'payments'];
const runnable = { spec: { securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } } } };
const locked = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
const podSchema = z.object({ spec: z.object({ containers: z.tuple([z.object({ resources: z.record(z.string(), z.record(z.string(), z.string())) })]) }) });
const quotaSchema = z.object({ spec: z.object({ hard: z.record(z.string(), z.string()) }) });

/** What a team has in its namespace, seen with the token of one of its people. */
export function teams({ cluster }: Ground): void {
  /** Runs kubectl as somebody of the team. */
  const as = async (user: string, ...args: string[]): Promise<string> =>
    cluster.kubectlWith(await cluster.entraToken({ tenant: entra.tenantId, audience: entra.clientId, user: `${user}@sandbox.example` }), [...namespace, ...args]);
  /** What the API server makes of a pod; it is not made. */
  const would = (user: string, resources: object): Promise<string> => {
    const overrides = { spec: { ...runnable.spec, containers: [{ name: 'asked', image: 'registry.k8s.io/pause:3.10.1', securityContext: locked, resources }] } };
    return as(user, 'run', 'asked', '--image', 'registry.k8s.io/pause:3.10.1', '--dry-run=server', '--output', 'json', '--overrides', JSON.stringify(overrides));
  };

  it('gives a team its quota, its containers what they do not say, and the fences of its namespace, which it can read and not change', async () => {
    const [asked] = podSchema.parse(JSON.parse(await would('developer', {}))).spec.containers;
    expect(asked.resources).toEqual({ requests: containerDefaults.defaultRequest, limits: containerDefaults.default });
    await expect(would('developer', { requests: { cpu: '21', memory: '1Gi' }, limits: { cpu: '21', memory: '1Gi' } })).rejects.toThrow(/exceeded quota: quota, requested: limits.cpu=21,requests.cpu=21/);
    await expect(would('viewer', {})).rejects.toThrow(/cannot create resource "pods"/);

    expect(quotaSchema.parse(JSON.parse(await as('viewer', 'get', 'resourcequota', 'quota', '--output', 'json'))).spec.hard).toEqual(quotaLimits({ cpu: '20', memory: '64Gi' }));
    expect((await as('viewer', 'get', 'networkpolicies', '--output', 'name')).trim().split('\n').sort()).toEqual(
      ['allow-database-operator', 'allow-dns', 'allow-ingress', 'allow-monitoring', 'allow-same-namespace', 'allow-traces', 'default-deny'].map((name) => `networkpolicy.networking.k8s.io/${name}`));
    for (const fence of ['resourcequota/quota', 'limitrange/container-defaults', 'networkpolicy/default-deny']) await expect(as('developer', 'delete', fence)).rejects.toThrow(/cannot delete resource/);
  });
}
