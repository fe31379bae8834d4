import { afterEach, describe, expect, it } from 'vitest';
import type { Redis } from 'ioredis';
import { assertDurable, connect } from '../../../store/connection.js';
import { startRedis } from '../../support/redis.js';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function redisWith(settings: Readonly<Record<string, string>>): Promise<Redis> {
  const server = await startRedis(settings);
  const redis = connect(server.url, 'test');
  closing.push(async () => redis.disconnect(), () => server.stop());
  return redis;
}

describe('the durability of Redis', () => {
  it('is given with an append-only file and without eviction', async () => {
    await expect(assertDurable(await redisWith({}), false)).resolves.toBeUndefined();
  });

  it('is not given without an append-only file', async () => {
    const check = assertDurable(await redisWith({ appendonly: 'no' }), false);
    await expect(check).rejects.toMatchObject({ code: 'redis-not-durable', message: 'appendonly is "no" and must be "yes": records would be lost with a restart.' });
  });

  it('is not given with eviction', async () => {
    const check = assertDurable(await redisWith({ 'maxmemory-policy': 'allkeys-lru' }), false);
    await expect(check).rejects.toMatchObject({ code: 'redis-not-durable', message: expect.stringContaining('maxmemory-policy is "allkeys-lru"') });
  });

  it('names both faults at once, and no word of an operator outweighs what can be seen', async () => {
    const check = assertDurable(await redisWith({ appendonly: 'no', 'maxmemory-policy': 'volatile-ttl' }), true);
    await expect(check).rejects.toMatchObject({ message: expect.stringMatching(/appendonly is "no".*maxmemory-policy is "volatile-ttl"/) });
  });

  it('has to be asserted where a managed Redis hides its settings', async () => {
    const redis = await redisWith({ 'rename-command': 'CONFIG ' });
    await expect(assertDurable(redis, false)).rejects.toMatchObject({ code: 'redis-not-durable', message: expect.stringContaining('does not show appendonly and maxmemory-policy') });
    await expect(assertDurable(redis, true)).resolves.toBeUndefined();
  });

  it('has to be asserted where the user may not ask', async () => {
    const redis = await redisWith({});
    await redis.ping().catch(() => undefined);
    const admin = connect(`redis://127.0.0.1:${redis.options.port ?? 0}`, 'admin');
    await new Promise<void>((resolve) => admin.once('ready', () => resolve()));
    await admin.acl('SETUSER', 'service', 'on', '>secret', '~*', '&*', '+@all', '-config');
    const limited = connect(`redis://service:secret@127.0.0.1:${redis.options.port ?? 0}`, 'test');
    closing.unshift(async () => [admin, limited].forEach((each) => each.disconnect()));
    await expect(assertDurable(limited, false)).rejects.toMatchObject({ code: 'redis-not-durable' });
    await expect(assertDurable(limited, true)).resolves.toBeUndefined();
  });

  it('cannot be told while Redis is gone', async () => {
    const server = await startRedis();
    await server.stop();
    const redis = connect(server.url, 'test');
    closing.push(async () => redis.disconnect());
    await expect(assertDurable(redis, true)).rejects.toMatchObject({ code: 'store-unavailable' });
  });
});
