import { chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../store/embedded.js';
import { Portal, shortRequest } from '../../support/portal.js';
import { startRedis, type TestRedis } from '../../support/redis.js';
import { Contained } from './container.js';

/** What the image's user may write. */
const home = mkdtempSync(path.join(os.tmpdir(), 'container-home-'));
const node = [process.execPath, '--enable-source-maps'];

describe('the service as user 10001, on a root that cannot be written', () => {
  let redis: TestRedis;
  let service: Contained;
  let variables: Record<string, string>;

  beforeAll(async () => {
    chownSync(home, 10_001, 10_001);
    const [started, port] = await Promise.all([startRedis(), freePort()]);
    redis = started;
    variables = { CLUSTERWRIGHT_CLOUD: 'sandbox', REDIS_URL: redis.url, PORT: String(port), CLUSTERWRIGHT_SANDBOX_LATENCY: '0', CLUSTERWRIGHT_SHARED_BACKEND: 'asserted', GOGC: '300' };
    service = await Contained.start(home, [...node, 'dist/bin/start.js'], variables);
    await service.says('the service is ready');
  });
  afterAll(async () => {
    await service.stop();
    await redis.stop();
    rmSync(home, { recursive: true, force: true });
  });

  it('answers, and its health check says so', async () => {
    const answer = await fetch(`http://127.0.0.1:${variables['PORT'] ?? ''}/readyz`);
    expect(await answer.json()).toMatchObject({ status: 'ready' });
    expect(await (await Contained.start(home, [...node, 'dist/bin/health.js', 'api'], variables)).ended).toBe(0);
    expect(await (await Contained.start(home, [...node, 'dist/bin/health.js', 'api'], { ...variables, PORT: String(await freePort()) })).ended).toBe(1);
  });

  it('writes nothing beside its home and /tmp', async () => {
    const tried = await Contained.start(home, ['sh', '-c', 'for place in /mnt/app /mnt/engine / /etc /var/lib; do touch "$place/x" 2>/dev/null && echo "wrote into $place"; done; touch /tmp/x /mnt/home/x && rm /mnt/home/x && id -u'], {});
    expect(await tried.ended).toBe(0);
    expect(tried.output).toBe('10001');
  });

  it('runs operations and their engine', async () => {
    const portal = new Portal({ url: `http://127.0.0.1:${variables['PORT'] ?? ''}`, control: '' });
    const preview = await portal.change('POST', '/clusters?dryRun=true', shortRequest('contained'));
    expect(preview).toMatchObject({ state: 'succeeded', plan: { stacks: [{ name: 'contained-infrastructure', basis: 'previewed' }, expect.anything()] } });
  });

  it('shows a worker\'s life by a file, which goes with it', async () => {
    const health = async (): Promise<number | null> => (await Contained.start(home, [...node, 'dist/bin/health.js', 'worker'], variables)).ended;
    const alive = async (): Promise<number | null> => (await Contained.start(home, ['sh', '-c', 'test -n "$(find "$HOME/worker-alive" -newermt \'-60 seconds\' 2>/dev/null)"'], variables)).ended;
    expect([await health(), await alive()]).toEqual([1, 1]);

    const worker = await Contained.start(home, [...node, 'dist/bin/worker.js'], variables);
    await worker.says('the worker is ready');
    expect([await health(), await alive()]).toEqual([0, 0]);

    expect(await worker.stop()).toBe(0);
    expect(existsSync(path.join(home, 'worker-alive'))).toBe(false);
  });
});
