import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis } from '../../support/redis.js';
import { startTestService } from '../../support/service.js';

/** Every file of a state backend with its content. */
async function contentOf(directory: string): Promise<Record<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(await Promise.all(files.map(async (file) => [file, await readFile(file, 'utf8')] as const)));
}

describe('a service that is pointed at the wrong things', () => {
  let home: string;

  beforeAll(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'clusterwright-refusals-'));
    await (await startTestService({}, home)).stop({ keepHome: true });
  });

  afterAll(async () => {
    await rm(home, { recursive: true, force: true });
  });

  it('starts again on its own home', async () => {
    const service = await startTestService({}, home);
    expect((await fetch(`${service.url}/readyz`)).status).toBe(200);
    await service.stop({ keepHome: true });
  });

  it('refuses a wrong passphrase before anything is written', async () => {
    const copy = await mkdtemp(path.join(tmpdir(), 'clusterwright-passphrase-'));
    await cp(home, copy, { recursive: true, filter: (source) => !source.endsWith('.json.lock') && !source.endsWith('.sock') });
    await writeFile(path.join(copy, 'passphrase'), 'another passphrase');
    const before = await contentOf(path.join(copy, 'state'));
    await expect(startTestService({}, copy)).rejects.toThrow('secrets-key-mismatch');
    expect(await contentOf(path.join(copy, 'state'))).toEqual(before);
    await rm(copy, { recursive: true, force: true });
  });

  it('refuses another backend than the one its records belong to', async () => {
    const other = await mkdtemp(path.join(tmpdir(), 'clusterwright-backend-'));
    await expect(startTestService({ PULUMI_BACKEND_URL: `file://${other}` }, home)).rejects.toThrow('installation-mismatch');
    expect(await contentOf(other)).toEqual({});
    await rm(other, { recursive: true, force: true });
  });

  it('refuses to run a sandbox\'s home against live clouds', async () => {
    const before = await contentOf(path.join(home, 'state'));
    await expect(startTestService({ CLUSTERWRIGHT_CLOUD: 'live' }, home)).rejects.toThrow('installation-mismatch');
    expect(await contentOf(path.join(home, 'state'))).toEqual(before);
  });

  it('refuses a home that another service uses, and names its owner', async () => {
    const service = await startTestService({}, home);
    await expect(startTestService({}, home)).rejects.toThrow(`in use by the process ${service.process.pid}`);
    await service.stop({ keepHome: true });
  });

  it('refuses a Redis that could lose records', async () => {
    const redis = await startRedis({ appendonly: 'no' });
    await expect(startTestService({ REDIS_URL: redis.url })).rejects.toThrow('redis-not-durable');
    await redis.stop();
  });

  it('refuses faulty settings with all faults at once', async () => {
    await expect(startTestService({ PORT: 'http', CLUSTERWRIGHT_CONCURRENCY: '0' })).rejects.toThrow(/PORT.*CLUSTERWRIGHT_CONCURRENCY/s);
    await expect(startTestService({ HOST: '0.0.0.0' })).rejects.toThrow('not a loopback address');
  });

  it('refuses a faulty accounts file with the place of each fault', async () => {
    const file = path.join(home, 'faulty-accounts.yaml');
    await writeFile(file, 'accounts: {default: {aws: {accountId: "12", reach: {type: "tunnels"}}}}');
    await expect(startTestService({ CLUSTERWRIGHT_ACCOUNTS: file }, home)).rejects.toThrow(/\/accounts\/default\/aws\/accountId.*\/accounts\/default\/aws\/reach/s);
  });
});
