import { describe, expect, it } from 'vitest';
import type { Expiry } from '../../../../model/expiry.js';
import type { JobChange, NearEnd } from '../../../../model/webhook-delivery.js';
import { webhookBodySchema } from '../../../../model/webhook-delivery.js';
import { deliveryId } from '../../../../worker/webhooks/delivery-id.js';
import { deliveriesOf, deliveriesOfEnd } from '../../../../worker/webhooks/plan.js';
import { signatureHeader } from '../../../../worker/webhooks/signature.js';
import { someCluster } from '../../../support/records.js';
import { verify } from '../../../support/receiver.js';

const { cluster, job } = someCluster('a', { webhooks: [{ url: 'https://one.example.com/', events: ['*'] }, { url: 'https://two.example.com/', events: ['cluster.ready'] }] });
const change = (changes: Partial<JobChange> = {}): JobChange => ({
  id: '1764000000000-0', at: '2025-11-24T16:00:00.000Z', job: job.id, change: 'succeeded', state: 'succeeded', error: null, clusterState: 'ready', ...changes,
});
const told = (changes: Partial<JobChange>): string[] => deliveriesOf(change(changes), job, []).map(({ type, url }) => `${type} ${new URL(url).hostname}`);

describe('what is told of a change', () => {
  it('goes to those who want to hear of it, what the job did before what became of the cluster', () => {
    expect(told({})).toEqual(['job.succeeded one.example.com', 'cluster.ready one.example.com', 'cluster.ready two.example.com']);
    expect(told({ change: 'running', state: 'running', clusterState: 'provisioning' })).toEqual(['job.started one.example.com']);
    expect(told({ change: 'taken-over', state: 'cancelling', clusterState: 'updating' })).toEqual(['job.taken-over one.example.com']);
    expect(told({ change: 'failed', state: 'failed', clusterState: 'failed' })).toEqual(['job.failed one.example.com', 'cluster.failed one.example.com']);
    expect(told({ change: 'cancelled', state: 'cancelled', clusterState: 'needs-repair' })).toEqual(['job.cancelled one.example.com', 'cluster.needs-repair one.example.com']);
    expect(told({ clusterState: 'deleted' })).toEqual(['job.succeeded one.example.com', 'cluster.deleted one.example.com']);
  });

  it('says nothing of a cluster that another job is changing already', () => {
    expect(told({ change: 'cancelled', state: 'cancelled', clusterState: 'deleting' })).toEqual(['job.cancelled one.example.com']);
  });

  it('goes to the service\'s webhooks too, once where both name a URL', () => {
    const deliveries = deliveriesOf(change({ change: 'running', state: 'running' }), job, [
      { url: 'https://one.example.com/', events: ['*'] }, { url: 'https://all.example.com/', events: ['job.started'] },
    ]);
    expect(deliveries.map(({ url, scope }) => [url, scope])).toEqual([['https://one.example.com/', 'cluster'], ['https://all.example.com/', 'service']]);
  });

  it('has a body as documented, without the spec', () => {
    const [delivery] = deliveriesOf(change(), job, []);
    const body = webhookBodySchema.parse(JSON.parse(delivery?.body ?? ''));
    expect(body).toEqual({
      id: delivery?.id, type: 'job.succeeded', at: '2025-11-24T16:00:00.000Z',
      job: { id: job.id, kind: 'create', state: 'succeeded', error: null, links: { self: `/jobs/${job.id}`, events: `/jobs/${job.id}/events` } },
      cluster: { name: 'a', uid: job.uid, state: 'ready', owner: 'payments', simulated: true },
    });
  });
});

describe('what is told of an end', () => {
  const seen: Expiry[] = [{ kind: 'certificate', name: 'etcd/peer', node: 'a-cp-1', endsAt: '2026-01-05T10:00:00Z' }, { kind: 'certificate', name: 'apiserver', node: 'a-cp-2', endsAt: '2026-03-01T00:00:00Z' }];
  const near: NearEnd = {
    id: '1767000000000-0', at: '2025-12-29T09:20:00.000Z', change: 'expiring', cluster: 'a', uid: cluster.uid, clusterState: 'ready', kind: 'certificate', endsAt: Date.parse('2026-01-05T10:00:00Z'), withinDays: 14,
  };

  it('goes to the webhooks of the cluster and the service that want to hear of it, with what ends', () => {
    const deliveries = deliveriesOfEnd(near, cluster, seen, [{ url: 'https://one.example.com/', events: ['*'] }, { url: 'https://all.example.com/', events: ['cluster.expiring'] }]);

    expect(deliveries.map(({ url, scope, job: of }) => [url, scope, of])).toEqual([['https://one.example.com/', 'cluster', null], ['https://all.example.com/', 'service', null]]);
    expect(webhookBodySchema.parse(JSON.parse(deliveries[0]?.body ?? ''))).toEqual({
      id: deliveries[0]?.id, type: 'cluster.expiring', at: '2025-12-29T09:20:00.000Z', job: null,
      expiring: { kind: 'certificate', name: 'etcd/peer', node: 'a-cp-1', endsAt: '2026-01-05T10:00:00Z', withinDays: 14 },
      cluster: { name: 'a', uid: cluster.uid, state: 'ready', owner: 'payments', simulated: true },
    });
  });

  it('knows the end of a minor by the spec', () => {
    const [delivery] = deliveriesOfEnd({ ...near, kind: 'kubernetes', endsAt: Date.parse('2027-02-28T00:00:00Z'), withinDays: 60 }, cluster, [], []);
    expect(JSON.parse(delivery?.body ?? '')).toMatchObject({ expiring: { kind: 'kubernetes', name: '1.35', node: null, withinDays: 60 } });
  });

  it('is nothing where that was renewed, or the cluster is another one or gone', () => {
    expect(deliveriesOfEnd(near, cluster, seen.slice(1), [])).toEqual([]);
    expect(deliveriesOfEnd(near, { ...cluster, uid: 'another' }, seen, [])).toEqual([]);
    expect(deliveriesOfEnd(near, undefined, seen, [])).toEqual([]);
  });
});

describe('the id of a delivery', () => {
  it('is the same for the same event and URL, and another one for any other', () => {
    const id = deliveryId(change(), 0, 'https://one.example.com/');
    expect(deliveryId(change(), 0, 'https://one.example.com/')).toBe(id);
    expect(new Set([id, deliveryId(change(), 1, 'https://one.example.com/'), deliveryId(change(), 0, 'https://two.example.com/'), deliveryId(change({ id: '1764000000000-1' }), 0, 'https://one.example.com/')]).size).toBe(4);
  });

  it('sorts as things happened', () => {
    const places = [['1764000000000-0', 0], ['1764000000000-0', 1], ['1764000000000-1', 0], ['1764000000000-2', 1], ['1764000000001-0', 0]] as const;
    for (const url of ['https://a.example.com/', 'https://b.example.com/']) {
      const ids = places.map(([entry, place]) => deliveryId({ id: entry }, place, url));
      expect(ids).toEqual([...ids].sort());
    }
  });
});

describe('the signature', () => {
  const at = new Date('2026-01-01T00:00:00.900Z');

  it('is that of time and body', () => {
    // printf '1767225600.{"a":1}' | openssl dgst -sha256 -hmac whsec-0123456789abcdef
    expect(signatureHeader(['whsec-0123456789abcdef'], at, '{"a":1}')).toBe('t=1767225600,v1=405d1c8c207816620fbb90bfde510cf98c4f77efe03e10a92b11e488d62b64cb');
  });

  it('is valid for who knows the secret, the old or the new one, for five minutes', () => {
    const header = signatureHeader(['new-secret-0123456', 'old-secret-0123456'], at, 'body');
    expect(verify('new-secret-0123456', header, 'body', at.getTime())).toBe(true);
    expect(verify('old-secret-0123456', header, 'body', at.getTime() + 299_000)).toBe(true);
    expect(verify('new-secret-0123456', header, 'bodY', at.getTime())).toBe(false);
    expect(verify('no-secret-01234567', header, 'body', at.getTime())).toBe(false);
    expect(verify('new-secret-0123456', header, 'body', at.getTime() + 302_000)).toBe(false);
  });
});
