import { execFileSync } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { Redis } from 'ioredis';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shortRequest } from '../../support/portal.js';
import { startReceiver, verify, type Receiver } from '../../support/receiver.js';
import { redisOf } from '../../support/redis.js';
import { useService } from '../../support/use-service.js';

/** Process arguments of everything that runs on this machine at the moment. */
function processArguments(): string {
  return execFileSync('ps', ['-eo', 'args', 'ww'], { encoding: 'utf8', maxBuffer: 16 * 2 ** 20 });
}

/** Everything that Redis holds, as text. */
async function redisContent(url: string): Promise<string> {
  const redis = new Redis(url);
  try {
    const keys = await redis.keys('*');
    const dumps = await Promise.all(keys.map(async (key) => {
      switch (await redis.type(key)) {
        case 'string': return redis.get(key);
        case 'hash': return JSON.stringify(await redis.hgetall(key));
        case 'stream': return JSON.stringify(await redis.xrange(key, '-', '+'));
        case 'list': return JSON.stringify(await redis.lrange(key, 0, -1));
        case 'set': return JSON.stringify(await redis.smembers(key));
        case 'zset': return JSON.stringify(await redis.zrange(key, '0', '-1'));
        default: return key;
      }
    }));
    return keys.join('\n') + dumps.join('\n');
  } finally {
    redis.disconnect();
  }
}

async function filesBelow(directory: string): Promise<string> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return (await Promise.all(files.map((file) => readFile(file, 'latin1')))).join('\n');
}

describe('secrets', () => {
  const planted: Record<string, string> = { cloudKey: 'plantedCloudSecret0000000000000000000001', unrelated: 'plantedEnvironmentSecret0002', session: 'plantedSessionSecret00000000000003' };
  const { service, portal } = useService({
    CLUSTERWRIGHT_LOG_LEVEL: 'trace', CLUSTERWRIGHT_WEBHOOK_ALLOW: '127.0.0.1',
    PORTAL_DATABASE_PASSWORD: planted['unrelated'] ?? '', AZURE_CLIENT_SECRET: planted['cloudKey'] ?? '', AWS_SESSION_TOKEN: planted['session'] ?? '',
  });
  let receiver: Receiver;
  const seenArguments: string[] = [];

  beforeAll(async () => {
    planted['redis'] = new URL((await redisOf(service.home)).url).password;
    planted['passphrase'] = await readFile(path.join(service.home, 'passphrase'), 'utf8');
    planted['signing'] = await readFile(path.join(service.home, 'webhook-secret'), 'utf8');
    receiver = await startReceiver();
    const id = await portal.submit('POST', '/clusters', { ...shortRequest('discreet'), webhooks: [{ url: receiver.url, events: ['*'] }] });
    let job = await portal.job(id);
    while (job.state === 'queued' || job.state === 'running') {
      seenArguments.push(processArguments());
      await wait(100);
      job = await portal.job(id);
    }
    expect(job.error).toBeNull();
    // What the nodes published: the provisioner's key and the join token, read where the sandbox keeps them.
    const cloud = await filesBelow(path.join(service.home, 'sandbox'));
    const key = /-----BEGIN (?:EC )?PRIVATE KEY-----(?:\\\\n|\\n|\n)([A-Za-z0-9+/=]{40,})/.exec(cloud)?.[1];
    const token = /\b[a-z0-9]{6}\.[a-z0-9]{16}\b/.exec(cloud)?.[0];
    expect(key).toBeDefined();
    expect(token).toBeDefined();
    Object.assign(planted, { provisionerKey: key, joinToken: token });
  });

  afterAll(() => receiver.stop());

  it('are in no log, record, event, answer, process argument, webhook or plain state', async () => {
    const received = await receiver.until(3);
    const job = (await (await portal.send('GET', '/jobs')).text()) + (await (await portal.send('GET', '/clusters')).text());
    const places: Record<string, string> = {
      logs: service.output(),
      records: await redisContent((await redisOf(service.home)).url),
      answers: job + (await Promise.all(['/clusters/discreet/kubeconfig', '/clusters/discreet/webhook-deliveries', '/metrics'].map(async (path) => (await portal.send('GET', path)).text()))).join(''),
      webhooks: JSON.stringify(received),
      state: await filesBelow(path.join(service.home, 'state')),
      arguments: seenArguments.join('\n'),
    };
    for (const [place, content] of Object.entries(places)) expect(content.length, `${place} is empty, so this check would see nothing`).toBeGreaterThan(50);
    const found = Object.entries(planted).flatMap(([secret, value]) => Object.entries(places).filter(([, content]) => content.includes(value)).map(([place]) => `${secret} in ${place}`));
    expect(found).toEqual([]);
  });

  it('are not in the nodes\' user data', async () => {
    const cloud = JSON.stringify(await portal.inventory('discreet'));
    expect(Object.entries(planted).filter(([, value]) => cloud.includes(value)).map(([name]) => name)).toEqual([]);
  });

  it('of the home are for its owner only, and one signs what webhooks tell', async () => {
    for (const name of ['passphrase', 'webhook-secret']) expect((await stat(path.join(service.home, name))).mode & 0o777, name).toBe(0o600);
    const received = await receiver.until(3);
    expect(received.map(({ body }) => body.type).sort()).toEqual(['cluster.ready', 'job.started', 'job.succeeded']);
    for (const { at, headers, text } of received) expect(verify(planted['signing'] ?? '', String(headers['clusterwright-signature']), text, at)).toBe(true);
  });
});
