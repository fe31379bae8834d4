import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { mockServices } from '@backstage/backend-test-utils';
import { readSettings, type Settings } from '../plugins/clusterwright-backend/src/settings';
import { entraTokens } from '../plugins/clusterwright-backend/src/token';
import { startBackend, type Backend } from './backend';
import { configData, request, serviceClient } from './clusterwright';
import { TaskStep } from './task';

const create = 'clusterwright:cluster:create';

describe('what an action cannot use', () => {
  let backstage: Backend;
  beforeAll(async () => { backstage = await startBackend(); });
  afterAll(() => backstage.backend.stop());

  it('is refused with every fault and its place before anything is asked for', async () => {
    const cluster = { ...request('Wrong_Name'), provider: 'cloud', nodepools: [] };

    const refused = new TaskStep('task-faults').run(backstage.actions.get(create), { cluster });

    await expect(refused).rejects.toThrow(/^clusterwright:cluster:create was given what it cannot use:\n/);
    await expect(refused).rejects.toThrow(/\/cluster\/name: must match pattern .*\n.*\/cluster\/provider: must be equal/s);
    await expect(refused).rejects.toThrow('/cluster: must NOT have additional properties ("nodepools")');
  });

  it('is refused by the service, for what a schema cannot say, with pointers and code', async () => {
    const cluster = request('too-small', { network: { cidr: '10.20.0.0/16', podCidr: '10.20.0.0/16' } });

    await expect(new TaskStep('task-rules').run(backstage.actions.get(create), { cluster })).rejects.toThrow(/\(invalid-spec\).*\/network\//s);
  });

  it('is an owner that whoever runs the template is not in, and one that is no group', async () => {
    const task = new TaskStep('task-owner');
    const foreign = { cluster: request('not-mine', { owner: 'group:default/search' }) };
    await expect(task.run(backstage.actions.get(create), foreign)).rejects.toThrow('user:default/mock is not in group:default/search');
    await expect(task.again().run(backstage.actions.get(create), foreign), 'also when the task is tried again').rejects.toThrow('user:default/mock is not in group:default/search');
    await expect(new TaskStep('task-nobody').run(backstage.actions.get(create), { cluster: request('nobodys', { owner: 'unowned' }) })).rejects.toThrow('is not in group:default/unowned');
    await expect(new TaskStep('task-user').run(backstage.actions.get(create), { cluster: request('users', { owner: 'user:default/jane' }) })).rejects.toThrow('is not a group of the namespace "default"');
  });

  it('is nothing but the owner where owners are not checked', async () => {
    const open = await startBackend({ settings: { owners: { check: false } } });
    try {
      const task = new TaskStep('task-open');
      const running = expect(task.run(open.actions.get(create), { cluster: request('of-others', { owner: 'search' }) }, { isDryRun: true })).rejects.toThrow('The task was cancelled');
      await task.told('Job ');
      task.cancel();
      await running;
    } finally {
      await open.backend.stop();
    }
  });
});

describe('a service that cannot be read', () => {
  it('takes nothing out of the catalogue', async () => {
    const { backend, provider } = await startBackend({ settings: { baseUrl: 'http://127.0.0.1:1' } });
    const mutations: unknown[] = [];
    await provider.connect({ applyMutation: async (mutation) => void mutations.push(mutation), refresh: async () => undefined });

    await expect(provider.refresh()).rejects.toThrow('The clusters in the catalogue stay as they are');

    expect(mutations).toEqual([]);
    await backend.stop();
  });

  it('takes nothing out of the catalogue where it ends between two pages', async () => {
    let asked = 0;
    const server = createServer((_request, response) => {
      asked += 1;
      if (asked > 1) return void response.writeHead(503, { 'content-type': 'application/problem+json' }).end(JSON.stringify({ code: 'store-unavailable', title: 'The store is away', detail: 'x' }));
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ items: [], nextCursor: 'next' }));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => { server.once('listening', resolve); });
    const { backend, provider } = await startBackend({ settings: { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, entra: undefined } });
    const mutations: unknown[] = [];
    await provider.connect({ applyMutation: async (mutation) => void mutations.push(mutation), refresh: async () => undefined });

    await expect(provider.refresh()).rejects.toThrow('The store is away');

    expect(asked).toBeGreaterThan(1);
    expect(mutations).toEqual([]);
    await backend.stop();
    server.close();
  });
});

describe('the token of Backstage', () => {
  const entra = (): NonNullable<Settings['entra']> => inject('clusterwright').entra;

  it('is kept until its last minute, and asked for once by many', async () => {
    let now = Date.now();
    const token = entraTokens(entra(), () => now);
    const [first, second] = await Promise.all([token(), token()]);
    expect(second).toBe(first);
    // A token says when it was issued, in seconds.
    await new Promise((resolve) => { setTimeout(resolve, 1_100); });

    expect(await token()).toBe(first);
    now += 2 * 3_600_000;
    expect(await token()).not.toBe(first);
  });

  it('is missed with what Entra said and without the secret', async () => {
    const refused = entraTokens({ ...entra(), clientSecret: 'a-wrong-secret' })();

    await expect(refused).rejects.toThrow(/^Entra gave no token for the application 00000000-.*: look at clusterwright\.entra/);
    await expect(refused.catch((error: unknown) => JSON.stringify(error, Object.getOwnPropertyNames(error)))).resolves.not.toContain('a-wrong-secret');
  });
});

describe('settings', () => {
  const read = (clusterwright: Record<string, unknown>): Settings => readSettings(mockServices.rootConfig({ data: configData(clusterwright) }));

  it('name what is wrong about them', () => {
    expect(() => read({ baseUrl: 'clusterwright.example.com' })).toThrow('clusterwright.baseUrl is "clusterwright.example.com", which is no http address');
    expect(() => read({ entra: { tenantId: 'x' } })).toThrow('clusterwright.entra.clientId');
    expect(() => read({ catalog: { system: ':' } })).toThrow(/system|entity/i);
  });

  it('are enough with an address', async () => {
    expect(readSettings(mockServices.rootConfig({ data: { clusterwright: { baseUrl: 'http://127.0.0.1:8080/' } } }))).toEqual({
      baseUrl: 'http://127.0.0.1:8080', consoleUrl: 'http://127.0.0.1:8080', entra: undefined, owners: { namespace: 'default', fallback: 'group:default/unowned', check: true }, system: undefined,
    });
    await expect(serviceClient().cluster('nothing')).rejects.toMatchObject({ code: 'cluster-not-found' });
  });
});
