import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { builtInGroups } from '../../sandbox/entra/built-in-tenants.js';
import type { Ground } from './ground.js';
import { entra } from './real-cluster.js';

/** Access that ends by itself, by what runs on the machines. `meanwhile` is a test of a job that goes on while the grant does. */
export function grants({ cluster, portal }: Ground, meanwhile: () => void): void {
  const path = `/clusters/${cluster.name}/access-grants`;
  const list = async (): Promise<string> =>
    cluster.kubectlWith(await cluster.entraToken({ tenant: entra.tenantId, audience: entra.clientId, user: 'viewer@sandbox.example' }), ['get', 'nodes', '--output', 'name']).then(() => 'let in', String);
  let until = 0;
  let ended: Promise<number> | undefined;

  it('lets a group in that had no such right, until a time', async () => {
    expect(await list()).toMatch(/cannot list resource "nodes"/);
    // A grant lasts for five minutes at least; the job takes some of them.
    until = Math.ceil(Date.now() / 1000) * 1000 + 310_000;
    expect((await portal.change('POST', path, { group: builtInGroups.viewer, role: 'operator', until: new Date(until).toISOString(), reason: 'a test' })).error).toBeNull();
    expect(await list()).toBe('let in');
    ended = (async () => {
      for (;;) {
        if (/cannot list resource "nodes"/.test(await list())) return Date.now();
        await wait(1_000);
      }
    })();
  });

  meanwhile();

  it('does not let the group in any more seventy seconds after that time, though the cluster had other work, and takes the grant out of its spec', async () => {
    const late = (await ended ?? Number.NaN) - until;
    process.stderr.write(`grant: ended ${(late / 1000).toFixed(0)} s after its time\n`);
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThanOrEqual(80_000);
    await expect.poll(async () => z.object({ items: z.array(z.unknown()) }).parse(await (await portal.send('GET', path)).json()).items, { timeout: 300_000, interval: 1_000 }).toEqual([]);
    await expect.poll(async () => (await portal.cluster(cluster.name))['state'], { timeout: 120_000 }).toBe('ready');
  });
}
