import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { webhookDeliveryView } from '../../../api/views/webhook-delivery.js';
import { firstEnds, type Expiry, type FirstEnds } from '../../../model/expiry.js';
import { connect } from '../../../store/connection.js';
import { Store } from '../../../store/store.js';
import { someJob } from '../../support/records.js';
import { present } from '../store/setting.js';
import { settled, webhookSetting, type WebhookSetting } from './setting.js';

const start = Date.now();
const day = 24 * 60;
const at = (minutes: number): number => start + minutes * 60_000;

let setting: WebhookSetting;
beforeEach(async () => { setting = await webhookSetting(); });
afterEach(() => setting.end());

/** Looks for ends, so many minutes from now. */
const look = (minutes: number): Promise<void> => setting.store.webhooks.noteEnds(new Date(at(minutes)));
/** What is to be told so far. */
const told = async (): Promise<string[]> => (await setting.store.webhooks.changes(100)).flatMap((entry) => (entry.change === 'expiring' ? [`${entry.cluster} ${entry.kind} ${entry.withinDays}`] : []));

async function reports(name: string, expiries: Expiry[], ends?: FirstEnds): Promise<void> {
  const { uid, spec } = present(await setting.store.getCluster(name));
  await setting.store.report(name, uid, { kind: 'expiries', at: new Date().toISOString(), expiries }, ends ?? firstEnds(spec, expiries));
}

async function cluster(name: string, ends: FirstEnds): Promise<void> {
  await setting.run(await setting.create(name, []));
  await reports(name, [], ends);
}

describe('an end', () => {
  it('is noted once at each number of days before it, whoever looks and whatever their clocks say', async () => {
    await cluster('a', { kubernetes: at(61 * day) });
    const another = connect(setting.server.url, 'another');
    await look(0);
    expect(await told()).toEqual([]);

    await Promise.all([look(day), look(day), new Store(another).webhooks.noteEnds(new Date(at(day)))]);
    another.disconnect();
    for (const minutes of [day + 1, 30 * day, 31 * day, 31 * day - 1, 47 * day, 47 * day - 1, 60 * day, 61 * day, 61 * day - 1, 300 * day]) await look(minutes);
    expect(await told()).toEqual(['a kubernetes 60', 'a kubernetes 30', 'a kubernetes 14', 'a kubernetes 0']);
  });

  it('that is found late is noted with the least number of days only', async () => {
    await cluster('a', { authority: at(10 * day), kubernetes: at(-day) });
    await look(0);
    await look(1);
    expect((await told()).sort()).toEqual(['a authority 14', 'a kubernetes 0']);
  });

  it('of what renews itself is noted when it should have been renewed, and again for a new end, but not for an older one', async () => {
    await cluster('a', { certificate: at(20 * day) });
    await look(day);
    expect(await told()).toEqual([]);
    await look(6 * day);
    await reports('a', [], { certificate: at(400 * day) });
    await look(7 * day);
    await reports('a', [], { certificate: at(20 * day) });
    await look(8 * day);
    expect(await told()).toEqual(['a certificate 14']);
    await reports('a', [], { certificate: at(400 * day) });
    await look(387 * day);
    expect(await told()).toEqual(['a certificate 14', 'a certificate 14']);
  });

  it('of what lasts for a day is noted when it has ended and nobody makes it anew, while the cluster is ready', async () => {
    await cluster('asleep', {});
    await setting.run(await setting.change('asleep', 'hibernate'), 'succeeded', 'hibernated');
    // Somebody looked just before, and was late to write it down.
    await reports('asleep', [], { 'join-token': at(-60) });
    await cluster('awake', { 'join-token': at(-60), 'provisioner-client': at(1) });
    // It may just have woken up, and what it tells may be of before.
    await look(0);
    expect(await told()).toEqual([]);
    await look(35);
    await look(36);
    expect((await told()).sort()).toEqual(['awake join-token 0', 'awake provisioner-client 0']);
    await reports('awake', [], { 'join-token': at(day) });
    await look(day + 29);
    expect(await told()).toHaveLength(2);
  });

  it('is forgotten with its cluster', async () => {
    await cluster('a', { authority: at(10 * day) });
    await look(0);
    await setting.run(await setting.change('a', 'delete'), 'succeeded', 'gone');
    await look(1);
    await cluster('a', { authority: at(10 * day) });
    await look(2);
    expect(await told()).toEqual(['a authority 14', 'a authority 14']);
  });

  it('is told to the webhooks that the cluster has by then, with what ends, unless that was renewed meanwhile', async () => {
    const to = await setting.receiver();
    const certificate = (name: string, days: number): Expiry => ({ kind: 'certificate', name, node: 'a-cp-1', endsAt: new Date(at(days * day)).toISOString() });
    for (const name of ['a', 'renewed']) await setting.run(await setting.create(name, [{ url: 'http://127.0.0.1:1/', events: ['cluster.expiring'] }]));
    for (const name of ['a', 'renewed']) await reports(name, [certificate('etcd/peer', 20), certificate('apiserver', 100)]);
    await look(7 * day);
    await reports('renewed', [certificate('etcd/peer', 400), certificate('apiserver', 100)]);
    const before = present(await setting.store.getCluster('a'));
    const spec = { ...before.spec, webhooks: [{ url: to.url, events: ['cluster.expiring' as const] }] };
    await setting.run((await setting.store.changeCluster('a', { spec, state: 'updating', job: someJob('update', { ...before, spec }) })).job);
    setting.deliver({ webhooks: [{ url: to.url, events: ['cluster.expiring'] }] });

    const deliveries = await setting.deliveries('a', settled);
    expect(deliveries.map((delivery) => [delivery.type, delivery.scope, delivery.state, webhookDeliveryView(delivery).links.job])).toEqual([['cluster.expiring', 'cluster', 'delivered', null]]);
    expect(to.received.map(({ headers, body }) => [headers['clusterwright-event'], body.type === 'cluster.expiring' && body.expiring])).toEqual([
      ['cluster.expiring', { ...certificate('etcd/peer', 20), withinDays: 14 }],
    ]);
    expect(await setting.store.webhooks.changes(100)).toEqual([]);
    expect((await setting.store.webhooks.list('renewed', { limit: 10 })).items).toEqual([]);
  });
});
