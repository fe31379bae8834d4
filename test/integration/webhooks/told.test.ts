import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClusterwrightError } from '../../../model/errors.js';
import { jobError } from '../../../model/job.js';
import { verify } from '../../support/receiver.js';
import { ended, inState, someCluster, someJob } from '../../support/records.js';
import { inOrder, owner, secret, settled, toldTo, webhookSetting, type WebhookSetting } from './setting.js';

describe('webhooks', () => {
  let setting: WebhookSetting;

  beforeEach(async () => {
    setting = await webhookSetting();
  });
  afterEach(() => setting.end());

  it('tell a cluster\'s whole life, each event once, signed, ids in order', async () => {
    const to = await setting.receiver();
    setting.deliver();
    await setting.run(await setting.create('a', [{ url: to.url, events: ['*'] }]));
    await setting.run(await setting.change('a', 'update'), 'failed');
    await setting.run(await setting.change('a', 'repair'), 'failed', 'needs-repair');
    await setting.run(await setting.change('a', 'delete'), 'succeeded', 'gone');
    await to.until(12);
    await setting.deliveries('a', (all) => all.length === 12 && settled(all));

    expect(toldTo(to)).toEqual([
      'job.started create provisioning', 'job.succeeded create ready', 'cluster.ready create ready',
      'job.started update updating', 'job.failed update failed', 'cluster.failed update failed',
      'job.started repair updating', 'job.failed repair needs-repair', 'cluster.needs-repair repair needs-repair',
      'job.started delete deleting', 'job.succeeded delete deleted', 'cluster.deleted delete deleted',
    ]);
    for (const { headers, text, body } of to.received) {
      expect(verify(secret, String(headers['clusterwright-signature']), text)).toBe(true);
      expect(headers).toMatchObject({ 'clusterwright-event': body.type, 'clusterwright-delivery': body.id, 'content-type': 'application/json; charset=utf-8' });
    }
  });

  it('tell what a job failed of, and neither spec nor secret', async () => {
    const to = await setting.receiver();
    setting.deliver();
    const job = await setting.create('a', [{ url: to.url, events: ['job.failed'] }]);
    const claim = await setting.store.claimJob(job.id, owner, 30_000);
    if (!claim) throw new Error('the job was not to be had');
    const error = jobError(new ClusterwrightError('resource-failed', 'No capacity.', { resource: 'cp-1' }));
    await setting.store.finish(claim.lease, { job: { ...ended(claim.job, 'failed'), error }, cluster: inState(claim.cluster, 'failed') });

    const [got] = await to.until(1);
    expect(got?.body.job).toMatchObject({ id: job.id, state: 'failed', error });
    expect(got?.body.cluster).toEqual({ name: 'a', uid: job.uid, state: 'failed', owner: 'payments', simulated: true });
    expect(got?.text).not.toContain('controlPlane');
    expect(JSON.stringify(to.received) + setting.logged.join()).not.toContain(secret);
  });

  it('tell of take-overs, also of one that happens while a job is being cancelled, and of cancelled jobs', async () => {
    const to = await setting.receiver();
    setting.deliver();
    const job = await setting.create('a', [{ url: to.url, events: ['*'] }]);
    await setting.store.claimJob(job.id, owner, 1);
    await wait(20);
    const again = await setting.store.takeOver(job.id, { ...owner, worker: 'worker-2' }, 1, { graceMs: 0 });
    expect(again?.job.attempt).toBe(2);
    await setting.store.requestCancel(job.id, { force: false, at: new Date().toISOString() });
    await wait(20);
    const last = await setting.store.takeOver(job.id, { ...owner, worker: 'worker-3' }, 30_000, { graceMs: 0 });
    if (!last) throw new Error('the job was not to be had');
    await setting.store.finish(last.lease, { job: ended(last.job, 'cancelled'), cluster: inState(last.cluster, 'failed') });
    await to.until(5);
    expect(inOrder(to.received).map(({ body }) => `${body.type} ${body.job?.state}`)).toEqual([
      'job.started running', 'job.taken-over running', 'job.taken-over cancelling', 'job.cancelled cancelled', 'cluster.failed cancelled',
    ]);
  });

  it('tell of a deletion that takes a queued job\'s place that the job is cancelled, and nothing of a cluster that has failed', async () => {
    const to = await setting.receiver();
    setting.deliver();
    await setting.create('a', [{ url: to.url, events: ['*'] }]);
    const cluster = await setting.store.getCluster('a');
    if (!cluster) throw new Error('there is no cluster');
    const { job } = await setting.store.changeCluster('a', { state: 'deleting', cancelRunning: true, job: someJob('delete', cluster) });
    await setting.run(job, 'succeeded', 'gone');
    await to.until(4);
    expect(toldTo(to)).toEqual(['job.cancelled create deleting', 'job.started delete deleting', 'job.succeeded delete deleted', 'cluster.deleted delete deleted']);
  });

  it('say nothing of previews, which change nothing', async () => {
    const to = await setting.receiver();
    setting.deliver();
    const { cluster } = someCluster('a', { webhooks: [{ url: to.url, events: ['*'] }] });
    const { job } = await setting.store.submitPreview(someJob('preview', cluster));
    const claim = await setting.store.claimJob(job.id, owner, 30_000);
    if (!claim) throw new Error('the job was not to be had');
    await setting.store.finish(claim.lease, { job: ended(claim.job) });
    await setting.run(await setting.create('b', [{ url: to.url, events: ['cluster.ready'] }]));
    await to.until(1);
    expect(toldTo(to)).toEqual(['cluster.ready create ready']);
  });

  it('go to those of the service too', async () => {
    const [own, service] = [await setting.receiver(), await setting.receiver()];
    setting.deliver({ webhooks: [{ url: service.url, events: ['cluster.ready'] }] });
    await setting.run(await setting.create('a', [{ url: own.url, events: ['job.started'] }]));
    await Promise.all([own.until(1), service.until(1)]);
    expect([toldTo(own), toldTo(service)]).toEqual([['job.started create provisioning'], ['cluster.ready create ready']]);
  });
});
