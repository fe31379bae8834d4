import { execFile } from 'node:child_process';
import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { connect } from '../../../store/connection.js';
import { becomesReady } from '../../../store/link.js';
import { shortRequest } from '../../support/portal.js';
import { redisOf } from '../../support/redis.js';
import { startTestService } from '../../support/service.js';
import { until } from '../../support/until.js';
import { useService } from '../../support/use-service.js';

const root = path.resolve(import.meta.dirname, '../../..');

interface Printed {
  readonly code: number;
  readonly text: string;
}

/** Calls a script of package.json, as an operator does. */
async function npmRun(home: string, args: readonly string[], environment: Record<string, string> = {}): Promise<Printed> {
  return new Promise((resolve) => {
    execFile('npm', ['run', '--silent', ...args], { cwd: root, env: { ...process.env, CLUSTERWRIGHT_HOME: home, ...environment } }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), text: stdout + stderr });
    });
  });
}

/** The embedded Redis loses everything. */
async function loseRedis(home: string): Promise<void> {
  const redis = connect((await redisOf(home)).url, 'test');
  await becomesReady(redis, 10_000);
  await redis.flushall();
  redis.disconnect();
}

const patch = (maxNodes: number) => ({ nodePools: [{ name: 'general', machineType: 't3.large', minNodes: 1, maxNodes, diskGiB: 50 }] });
const lastingSchema = z.object({
  name: z.string(), uid: z.string(), state: z.string(), simulated: z.boolean(), spec: z.unknown(), endpoint: z.string().nullable(), zones: z.array(z.string()),
});

describe('a service that loses its Redis', () => {
  const { service, portal } = useService();
  const names = ['alpha', 'beta'];
  let before: unknown[];
  let slots: (string | undefined)[];

  /** What of a cluster must survive. */
  const lasting = async (name: string): Promise<unknown> => lastingSchema.parse(await portal.cluster(name));
  /** Rows of the printed table, by cluster. */
  const rows = ({ text }: Printed): Record<string, string[]> => Object.fromEntries(text.split('\n').map((line) => line.split(/\s{2,}/)).filter((cells) => cells.length > 5).map(([name = '', ...cells]) => [name, cells]));

  beforeAll(async () => {
    await Promise.all(names.map((name) => portal.change('POST', '/clusters', shortRequest(name))));
    // The state of a cluster is what its last change has made of it, not what it was created as.
    await portal.change('PATCH', '/clusters/beta', patch(5));
    before = await Promise.all(names.map(lasting));
    // Three jobs, which step back behind everything else on the machine.
  }, 600_000);

  it('leaves everything as it is where nothing is lost', async () => {
    const printed = await npmRun(service.home, ['rebuild']);
    expect(printed.code).toBe(0);
    expect(rows(printed)['alpha']?.slice(0, 2)).toEqual(['kept', 'ready']);
    expect(await Promise.all(names.map(lasting))).toEqual(before);
    slots = names.map((name) => rows(printed)[name]?.[3]);
    expect([...slots].sort()).toEqual(['1', '2']);
  });

  it('touches nothing with a wrong passphrase, neither through rebuild nor through ops', async () => {
    await loseRedis(service.home);
    const passphrase = path.join(service.home, 'passphrase');
    const right = await readFile(passphrase, 'utf8');
    const stateFile = path.join(service.home, 'state/.pulumi/stacks/clusterwright/alpha-infrastructure.json');
    const state = await readFile(stateFile, 'utf8');
    await writeFile(passphrase, 'another passphrase');
    try {
      for (const args of [['rebuild'], ['ops', '--', 'alpha-infrastructure', 'up'], ['ops', '--', 'alpha-infrastructure', 'destroy']]) {
        const printed = await npmRun(service.home, args);
        expect(printed.text).toContain('secrets-key-mismatch');
        expect(printed.code).not.toBe(0);
      }
    } finally {
      await writeFile(passphrase, right);
    }
    expect(await readFile(stateFile, 'utf8')).toBe(state);
    expect((await portal.send('GET', '/clusters/alpha')).status).toBe(404);
  });

  it('names what cannot be read and brings the rest back', async () => {
    const file = path.join(service.home, 'state/.pulumi/stacks/clusterwright/beta-infrastructure.json');
    await rename(file, `${file}.aside`);
    await writeFile(file, '{"version": 3, "checkpoint": {');
    const printed = await npmRun(service.home, ['rebuild']);
    await rename(`${file}.aside`, file);
    expect(printed.code).toBe(1);
    expect(rows(printed)['beta']?.[0]).toBe('unreadable');
    expect(rows(printed)['alpha']?.slice(0, 2)).toEqual(['restored', 'ready']);
    expect((await portal.send('GET', '/clusters/beta')).status).toBe(404);
  });

  it('refuses to use the name of a cluster that it does not know any more, and touches nothing of it', async () => {
    const inventory = await portal.inventory('beta');
    const job = await portal.change('POST', '/clusters', shortRequest('beta'));
    expect(job.error).toMatchObject({ code: 'name-in-backend', resource: 'beta-infrastructure' });
    const deleted = await portal.change('DELETE', '/clusters/beta?retain=none');
    expect(deleted).toMatchObject({ state: 'succeeded', receipt: { leftovers: [] } });
    expect((await portal.inventory('beta')).items.map(({ id }) => id).sort()).toEqual(inventory.items.map(({ id }) => id).sort());
  });

  it('has all clusters back after rebuild: spec, state, endpoint, zones, uid and number', async () => {
    const printed = await npmRun(service.home, ['rebuild']);
    expect(printed.code).toBe(0);
    expect(rows(printed)).toMatchObject({
      alpha: ['kept', 'ready', '1.35', slots[0], 'https://api.alpha.clusterwright.internal:6443'],
      beta: ['restored', 'ready', '1.35', slots[1], 'https://api.beta.clusterwright.internal:6443'],
    });
    expect(await Promise.all(names.map(lasting))).toEqual(before);
    expect((await portal.send('GET', '/clusters/alpha/kubeconfig')).status).toBe(200);
  });

  it('goes on without a restart: a change changes what it says and nothing else', async () => {
    const preview = await portal.change('PATCH', '/clusters/alpha?dryRun=true', patch(7));
    expect(preview.plan).toMatchObject({ create: 0, update: 1, replace: 0, delete: 0, changes: [{ type: 'aws:autoscaling/group:Group', op: 'update', properties: ['maxSize'] }] });
    expect(await portal.change('PATCH', '/clusters/alpha', patch(7))).toMatchObject({ state: 'succeeded', error: null });
    expect((await fetch(`${service.url}/readyz`)).status).toBe(200);
  });

  it('again, in the middle of a creation, ends that, and has what it left back under a number of its own', async () => {
    // The network takes long enough to be lost in the middle.
    await portal.plantFault({ cluster: 'delta', type: 'aws:ec2/natGateway:NatGateway', operation: 'create', kind: 'stall', times: 1, seconds: 600 });
    await portal.submit('POST', '/clusters', shortRequest('delta'));
    await until(async () => (await portal.inventory('delta')).items.length > 10, 400_000);
    await loseRedis(service.home);
    await until(() => service.output().includes('the operation is killed'), 60_000);
    const printed = await npmRun(service.home, ['rebuild']);
    expect(printed.code).toBe(0);
    expect([...names, 'delta'].map((name) => rows(printed)[name]?.slice(0, 2))).toEqual([['restored', 'ready'], ['restored', 'ready'], ['restored', 'needs-repair']]);
    expect(slots).not.toContain(rows(printed)['delta']?.[3]);
    expect(await portal.cluster('delta')).toMatchObject({ state: 'needs-repair', endpoint: null });
    const deleted = await portal.change('DELETE', '/clusters/delta?retain=none');
    expect(deleted.receipt?.leftovers).toEqual([]);
    expect((await portal.inventory('delta')).items).toEqual([]);
  });

  it('refuses to fill the Redis of another installation', async () => {
    const other = await startTestService();
    const printed = await npmRun(service.home, ['rebuild'], { REDIS_URL: (await redisOf(other.home)).url });
    expect(printed.text).toContain('installation-mismatch');
    expect(printed.code).not.toBe(0);
    expect(await (await fetch(`${other.url}/clusters`)).json()).toMatchObject({ items: [] });
    await other.stop();
  });
});
