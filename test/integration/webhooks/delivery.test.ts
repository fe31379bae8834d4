import { setTimeout as wait } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { queueOptions } from '../../../store/queue.js';
import { verify, type Answering } from '../../support/receiver.js';
import { secret, settled, webhookSetting, type WebhookSetting } from './setting.js';

describe('deliveries to webhooks', () => {
  let setting: WebhookSetting;

  beforeEach(async () => {
    setting = await webhookSetting();
  });
  afterEach(() => setting.end());

  it('are repeated with growing waits until the receiver takes them, the same body each time', async () => {
    const to = await setting.receiver((response, number) => response.writeHead(number <= 3 ? 500 : 200).end());
    setting.deliver();
    await setting.run(await setting.create('a', [{ url: to.url, events: ['cluster.ready'] }]));
    const [delivery] = await setting.deliveries('a', settled);
    expect(delivery).toMatchObject({ state: 'delivered', nextTryAt: null, triesInRound: 4 });
    expect(delivery?.tries.map(({ status, error }) => [status, error])).toEqual([[500, null], [500, null], [500, null], [200, null]]);
    expect(new Set(to.received.map(({ text }) => text)).size).toBe(1);
    const waits = to.received.slice(1).map(({ at }, index) => at - (to.received[index]?.at ?? 0));
    for (const [index, least] of [80, 120, 180].entries()) expect(waits[index]).toBeGreaterThanOrEqual(least);
    for (const { headers, text } of to.received) expect(verify(secret, String(headers['clusterwright-signature']), text)).toBe(true);
  });

  it('are given up: at once where the receiver is gone, after three tries where it refuses or redirects, and after twelve', async () => {
    const elsewhere = await setting.receiver();
    const answers: Answering[] = [
      (response) => response.writeHead(410).end(),
      (response) => response.writeHead(404).end(),
      (response) => response.writeHead(302, { Location: elsewhere.url }).end(),
      (response) => response.writeHead(503).end(),
    ];
    const to = await Promise.all(answers.map((answer) => setting.receiver(answer)));
    setting.deliver({ retry: { tries: 12, triesRefused: 3, firstMs: 20, factor: 1, jitter: 0.2, longestMs: 5_000 } });
    await setting.run(await setting.create('a', to.map(({ url }) => ({ url, events: ['cluster.ready'] }))));
    const deliveries = await setting.deliveries('a', settled);
    expect(to.map(({ url }) => deliveries.find((delivery) => delivery.url === url)).map((delivery) => [delivery?.state, delivery?.tries.length])).toEqual([
      ['given-up', 1], ['given-up', 3], ['given-up', 3], ['given-up', 12],
    ]);
    expect(elsewhere.received).toHaveLength(0);
    expect(await setting.store.webhooks.results()).toEqual({ delivered: 0, 'to-retry': 0 + 2 + 2 + 11, 'given-up': 4 });
    expect(await setting.store.webhooks.pending()).toBe(0);
  });

  it('wait as long as the receiver asks', async () => {
    const to = await setting.receiver((response, number) => (number === 1 ? response.writeHead(429, { 'Retry-After': '1' }).end() : response.writeHead(200).end()));
    setting.deliver();
    await setting.run(await setting.create('a', [{ url: to.url, events: ['cluster.ready'] }]));
    const received = await to.until(2);
    expect((received[1]?.at ?? 0) - (received[0]?.at ?? 0)).toBeGreaterThanOrEqual(1_000);
  });

  it('go on where a worker left off between two tries', async () => {
    let down = true;
    const to = await setting.receiver((response) => response.writeHead(down ? 503 : 200).end());
    const first = setting.deliver({ retry: { tries: 12, triesRefused: 3, firstMs: 500, factor: 1, jitter: 0, longestMs: 5_000 } });
    await setting.run(await setting.create('a', [{ url: to.url, events: ['cluster.ready'] }]));
    await to.until(1);
    await first.stop();
    down = false;
    await wait(700);
    expect(to.received).toHaveLength(1);
    setting.deliver();
    const [delivery] = await setting.deliveries('a', settled);
    expect(delivery).toMatchObject({ state: 'delivered', triesInRound: 2 });
    expect(to.received).toHaveLength(2);
  });

  it('are not lost with the queue, nor with a Redis that is killed and started again', async () => {
    let down = true;
    const to = await setting.receiver((response) => response.writeHead(down ? 503 : 200).end());
    const first = setting.deliver({ retry: { tries: 12, triesRefused: 3, firstMs: 300, factor: 1, jitter: 0, longestMs: 5_000 }, times: { sweepMs: 50, repeatMs: 500 } });
    await setting.run(await setting.create('a', [{ url: to.url, events: ['cluster.ready'] }]));
    await to.until(1);
    await first.stop();
    const queue = new Queue('webhooks', queueOptions(setting.redis));
    expect(await queue.getDelayedCount()).toBe(1);
    await queue.obliterate({ force: true });
    await queue.close();
    await setting.server.kill();
    await setting.server.start();
    down = false;
    setting.deliver({ times: { sweepMs: 50, repeatMs: 500 } });
    const [delivery] = await setting.deliveries('a', settled);
    expect(delivery).toMatchObject({ state: 'delivered', triesInRound: 2 });
    await wait(1_000);
    expect(to.received).toHaveLength(2);
  });

  it('are planned once where several workers look, and made once', async () => {
    const to = await setting.receiver();
    for (let index = 0; index < 3; index += 1) setting.deliver({ times: { sweepMs: 5, repeatMs: 60_000 } });
    for (let index = 0; index < 10; index += 1) await setting.run(await setting.create(`c${index}`, [{ url: to.url, events: ['*'] }]));
    await to.until(30);
    await wait(500);
    expect(to.received).toHaveLength(30);
    expect(new Set(to.received.map(({ body }) => body.id)).size).toBe(30);
  });

  it('to a receiver that hangs do not hold up those to others, and are at most two at once', async () => {
    let open = 0;
    let most = 0;
    // Loopback has many addresses, so the two receivers are two hosts.
    const hanging = await setting.receiver((response) => {
      open += 1;
      most = Math.max(most, open);
      response.once('close', () => (open -= 1));
    }, '127.0.0.2');
    const to = await setting.receiver();
    setting.deliver({ tryMs: 1_500 });
    for (let index = 0; index < 8; index += 1) await setting.run(await setting.create(`c${index}`, [{ url: hanging.url, events: ['*'] }]));
    await hanging.until(2);
    const started = Date.now();
    await setting.run(await setting.create('quick', [{ url: to.url, events: ['cluster.ready'] }]));
    await to.until(1);
    expect(Date.now() - started).toBeLessThan(1_500);
    await hanging.until(4);
    expect(most).toBe(2);
  });

  it('wait in the outbox while nobody can sign them', async () => {
    const to = await setting.receiver();
    const unable = setting.deliver({ secrets: [] });
    await setting.run(await setting.create('a', [{ url: to.url, events: ['cluster.ready'] }]));
    const [waiting] = await setting.deliveries('a', (all) => all.length === 1);
    expect(waiting).toMatchObject({ state: 'pending', tries: [] });
    await unable.stop();
    expect(setting.logged.filter((line) => line.includes('no signing secret'))).toHaveLength(1);
    setting.deliver();
    await to.until(1);
  });

  it('are delivered again on request, under the same id and in a round of their own', async () => {
    let gone = true;
    const to = await setting.receiver((response) => response.writeHead(gone ? 410 : 200).end());
    setting.deliver();
    await setting.run(await setting.create('a', [{ url: to.url, events: ['cluster.ready'] }]));
    const [first] = await setting.deliveries('a', settled);
    gone = false;
    expect(await setting.store.webhooks.redeliver('a', first?.id ?? '')).toMatchObject({ state: 'pending', round: 2, triesInRound: 0 });
    const [again] = await setting.deliveries('a', settled);
    expect(again).toMatchObject({ id: first?.id, state: 'delivered', triesInRound: 1 });
    expect(again?.tries.map(({ status }) => status)).toEqual([410, 200]);
    expect(to.received[1]?.text).toBe(to.received[0]?.text);
    await expect(setting.store.webhooks.redeliver('b', first?.id ?? '')).rejects.toMatchObject({ code: 'delivery-not-found' });
  });

  it('are logged up to a hundred a cluster, for thirty days', async () => {
    const to = await setting.receiver();
    setting.deliver();
    const job = await setting.create('a', [{ url: to.url, events: ['*'] }]);
    await setting.run(job);
    for (let index = 0; index < 34; index += 1) await setting.run(await setting.change('a', 'update'));
    await to.until(105);
    const deliveries = await setting.deliveries('a', (all) => all.length === 100 && settled(all));
    expect(deliveries.map(({ id }) => id)).toEqual([...to.received.map(({ body }) => body.id)].sort().slice(5));
    const keys = await setting.redis.keys('{clusterwright}:webhooks:delivery:*');
    expect(keys).toHaveLength(100);
    for (const key of [...keys, '{clusterwright}:webhooks:cluster:a']) {
      const days = (await setting.redis.pttl(key)) / 86_400_000;
      expect(days).toBeGreaterThan(29.9);
      expect(days).toBeLessThanOrEqual(30);
    }
    const page = await setting.store.webhooks.list('a', { limit: 60 });
    const rest = await setting.store.webhooks.list('a', { limit: 60, ...(page.nextCursor === null ? {} : { cursor: page.nextCursor }) });
    expect([page.items.length, rest.items.length, rest.nextCursor]).toEqual([60, 40, null]);
  });
});
