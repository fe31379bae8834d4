import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import pino from 'pino';
import { webhookDeliveryViewSchema } from '../../../api/views/webhook-delivery.js';
import { allowedTargetsSchema } from '../../../model/webhook-targets.js';
import { startWebhooks, type RunningWebhooks } from '../../../worker/webhooks/index.js';
import { startReceiver, type Receiver } from '../../support/receiver.js';
import { request, startApi, type RunningApi } from './harness.js';
import { clusterOf, pageOf, problemOf, submissionOf } from './schemas.js';

describe('webhooks of a cluster', () => {
  const allowedTargets = allowedTargetsSchema.parse('127.0.0.1');
  let api: RunningApi;
  let receiver: Receiver;
  let service: Receiver;
  let webhooks: RunningWebhooks;

  beforeAll(async () => {
    api = await startApi({ allowedTargets });
    receiver = await startReceiver();
    service = await startReceiver();
    webhooks = startWebhooks({
      store: api.store, redisUrl: api.redis.url, log: pino({ level: 'silent' }), secrets: ['0123456789abcdef'], allowed: allowedTargets,
      webhooks: [{ url: `${service.url}?token=of-the-operators`, events: ['cluster.ready'] }], times: { sweepMs: 50, repeatMs: 60_000 },
    });
  });
  afterAll(async () => {
    await webhooks.stop();
    await Promise.all([receiver.stop(), service.stop()]);
    await api.stop();
  });
  const logOf = async (name: string, query = '') => pageOf(await api.send('GET', `/clusters/${name}/webhook-deliveries${query}`), webhookDeliveryViewSchema);
  const delivered = async (name: string, count: number) => {
    for (;;) {
      const page = await logOf(name);
      if (page.items.length === count && page.items.every(({ state }) => state === 'delivered')) return page.items;
    }
  };

  it('are refused with a pointer to each target that is not public', async () => {
    const problem = await problemOf(await api.send('POST', '/clusters', request('refused', { webhooks: [
      { url: 'https://hooks.example.com/', events: ['*'] },
      { url: 'https://169.254.169.254/latest/meta-data/', events: ['*'] },
      { url: 'https://[::ffff:10.0.0.1]/', events: ['*'] },
      { url: 'http://hooks.example.com/', events: ['*'] },
      { url: 'https://user:word@hooks.example.com/', events: ['*'] },
    ] })));
    expect([problem.status, problem.code]).toEqual([422, 'invalid-spec']);
    expect(problem.errors?.map(({ pointer }) => pointer)).toEqual(['/webhooks/1/url', '/webhooks/2/url', '/webhooks/3/url', '/webhooks/4/url']);
    expect((await api.send('GET', '/clusters/refused')).status).toBe(404);
  });

  it('are part of the spec, which a patch changes', async () => {
    const { cluster, job } = await submissionOf(await api.send('POST', '/clusters', request('plain')));
    expect(cluster.spec.webhooks).toEqual([]);
    await api.finish(job.id);
    const wanted = [{ url: receiver.url, events: ['job.succeeded'] }];
    const update = await submissionOf(await api.send('PATCH', '/clusters/plain', { webhooks: wanted }));
    await api.finish(update.job.id);
    expect((await clusterOf(await api.send('GET', '/clusters/plain'))).spec.webhooks).toEqual(wanted);
    const [got] = await receiver.until(1);
    expect(got?.body.job).toMatchObject({ id: update.job.id, kind: 'update', state: 'succeeded' });
    expect((await problemOf(await api.send('PATCH', '/clusters/plain', { webhooks: [{ url: 'https://10.0.0.1/', events: ['*'] }] }))).errors?.map(({ pointer }) => pointer)).toEqual(['/webhooks/0/url']);
  });

  it('are listed with what they were told, the newest first, in pages, also when the cluster is gone', async () => {
    const { job } = await submissionOf(await api.send('POST', '/clusters', request('told', { webhooks: [{ url: receiver.url, events: ['*'] }] })));
    await api.finish(job.id);
    const items = await delivered('told', 4);
    expect(items.map(({ type, scope, url }) => `${type} ${scope} ${url}`).sort()).toEqual([
      `cluster.ready cluster ${receiver.url}`, `cluster.ready service ${new URL(service.url).origin}`, `job.started cluster ${receiver.url}`, `job.succeeded cluster ${receiver.url}`,
    ]);
    expect(items.at(-1)).toMatchObject({ type: 'job.started', tries: [{ status: 204, error: null }], nextTryAt: null, links: { job: `/jobs/${job.id}` } });
    expect(JSON.stringify(items)).not.toContain('of-the-operators');

    const first = await logOf('told', '?limit=3');
    const second = await logOf('told', `?limit=3&cursor=${first.nextCursor ?? ''}`);
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(items.map(({ id }) => id));
    expect(second.nextCursor).toBeNull();

    const deletion = await submissionOf(await api.send('DELETE', '/clusters/told'));
    await api.finish(deletion.job.id, { change: 'gone' });
    expect((await delivered('told', 7)).slice(0, 3).map(({ type }) => type)).toEqual(['cluster.deleted', 'job.succeeded', 'job.started']);
  });

  it('are told again on request', async () => {
    const [newest] = (await logOf('told')).items;
    const before = receiver.received.length;
    const answer = await api.send('POST', newest?.links.redeliver ?? '');
    expect(answer.status).toBe(202);
    expect(webhookDeliveryViewSchema.parse(await answer.json())).toMatchObject({ id: newest?.id, state: 'pending' });
    const received = await receiver.until(before + 1);
    expect(received.at(-1)?.body.id).toBe(newest?.id);
    expect((await problemOf(await api.send('POST', '/clusters/told/webhook-deliveries/01JCDELIVERY00000000000000/redeliver'))).code).toBe('delivery-not-found');
    expect((await problemOf(await api.send('POST', `/clusters/plain/webhook-deliveries/${newest?.id ?? ''}/redeliver`))).code).toBe('delivery-not-found');
    expect((await problemOf(await api.send('POST', '/clusters/told/webhook-deliveries/nonsense/redeliver'))).code).toBe('delivery-not-found');
    expect((await problemOf(await api.send('GET', '/clusters/nobody/webhook-deliveries'))).code).toBe('cluster-not-found');
    expect((await problemOf(await api.send('GET', '/clusters/told/webhook-deliveries?cursor=bm90aGluZw'))).code).toBe('invalid-parameter');
  });

  it('are counted by what their tries came to', async () => {
    const metrics = await (await api.send('GET', '/metrics')).text();
    expect(Number(/clusterwright_webhook_tries_total\{result="delivered"\} (\d+)/.exec(metrics)?.[1])).toBe((await api.store.webhooks.results()).delivered);
    expect(metrics).toMatch(/clusterwright_webhook_tries_total\{result="given-up"\} 0/);
    expect(metrics).toMatch(/clusterwright_webhook_deliveries_pending \d/);
  });
});
