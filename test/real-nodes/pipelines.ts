import { expect, it } from 'vitest';
import { otherTenantId } from '../../sandbox/entra/built-in-tenants.js';
import { until } from '../support/until.js';
import type { Ground } from './ground.js';
import { audience, job } from './pipeline.js';

/** Whom a pipeline's token lets in, and where. */
export function pipelines({ cluster }: Ground): void {
  it('lets a pipeline into its namespace by tokens of its own issuer, and nowhere else', async () => {
    const token = (wanted: string): Promise<string> => cluster.entraToken({ tenant: otherTenantId, audience: wanted, user: job.name });
    const as = async (...args: string[]): Promise<string> => cluster.kubectlWith(await token(audience), args);
    const whoami = ['auth', 'whoami', '--output', 'jsonpath={.status.userInfo.username}'];
    // Each control plane looks once a minute for what it is told, and its API server reads it a little later; any of them may answer.
    const known = async (): Promise<boolean> => {
      for (let look = 0; look < 24; look += 1) if (!(await as(...whoami).then((name) => name === 'pipeline:deploy', () => false))) return false;
      return true;
    };
    await until(known, 240_000);

    expect(await as('--namespace', 'payments', 'create', 'configmap', 'deployed', '--dry-run=server', '--output', 'name')).toBe('configmap/deployed\n');
    await expect(as('--namespace', 'default', 'get', 'configmaps')).rejects.toThrow(/User "pipeline:deploy" cannot list resource "configmaps"/);
    await expect(as('get', 'nodes')).rejects.toThrow(/cannot list resource "nodes"/);
    await expect(cluster.kubectlWith(await token('c1a50000-0000-4000-8000-000000000002'), whoami)).rejects.toThrow(/Unauthorized/);
  });
}
