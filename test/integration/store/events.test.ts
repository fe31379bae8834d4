import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobEvent, JobEventBody } from '../../../model/event.js';
import type { Claim } from '../../../store/contract.js';
import type { Store } from '../../../store/store.js';
import { ended, inState, someCluster } from '../../support/records.js';
import { claimed, codeOf, storeSetting, type Setting } from './setting.js';

let setting: Setting;
beforeAll(async () => (setting = await storeSetting()));
afterAll(() => setting.end());

const never = new AbortController().signal;
const message = (text: string): JobEventBody => ({ type: 'message', severity: 'info', text, resource: null });
const textOf = ({ event }: JobEvent): string => (event.type === 'message' ? event.text : event.type === 'state' ? event.state : event.type);
const numbers = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, index) => String(from + index));

async function running(name: string): Promise<Claim> {
  const { cluster, job } = someCluster(name);
  await setting.store.createCluster(cluster, job);
  return claimed(setting.store, job.id);
}

async function write(claim: Claim, texts: readonly string[]): Promise<void> {
  await setting.store.write(claim.lease, { events: texts.map(message) });
}

async function finish(claim: Claim): Promise<void> {
  await setting.store.finish(claim.lease, { job: ended(claim.job), cluster: inState(claim.cluster, 'ready') });
}

async function follow(store: Store, jobId: string, after?: string, signal = never): Promise<JobEvent[]> {
  const events: JobEvent[] = [];
  for await (const event of store.followEvents(jobId, after, signal)) events.push(event);
  return events;
}

/** Followers' connections that Redis sees. */
async function eventConnections(): Promise<number> {
  const list = String(await setting.redis.client('LIST'));
  return list.split('\n').filter((line) => line.includes('name=clusterwright-events')).length;
}

describe('a job\'s events', () => {
  it('come in the order in which they were written, with growing ids and times', async () => {
    const claim = await running('ordered');
    for (let round = 0; round < 10; round++) await write(claim, numbers(round * 10 + 1, round * 10 + 10));

    const events = await setting.store.events(claim.job.id, undefined, 1_000);

    expect(events.map(textOf)).toEqual(['queued', 'running', ...numbers(1, 100)]);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    expect(events.every(({ at }) => Math.abs(Date.parse(at) - Date.now()) < 60_000)).toBe(true);
  });

  it('are read on behind the last one that was seen', async () => {
    const claim = await running('paged');
    await write(claim, numbers(1, 20));
    const seen: JobEvent[] = [];
    for (let after: string | undefined; ; after = seen.at(-1)?.id) {
      const page = await setting.store.events(claim.job.id, after, 7);
      if (page.length === 0) break;
      seen.push(...page);
    }
    expect(seen.map(textOf)).toEqual(['queued', 'running', ...numbers(1, 20)]);
  });

  it('are none for an unknown job, and an id of another form is refused', async () => {
    expect(await setting.store.events('01J00000000000000000000000', undefined, 10)).toEqual([]);
    expect(await codeOf(setting.store.events('01J00000000000000000000000', 'yesterday', 10))).toBe('invalid-parameter');
    expect(await codeOf(follow(setting.store, '01J00000000000000000000000'))).toBe('job-not-found');
    const claim = await running('form');
    expect(await codeOf(follow(setting.store, claim.job.id, '$'))).toBe('invalid-parameter');
  });
});

describe('following a job', () => {
  it('misses nothing and doubles nothing while writes go on, for followers that join at any time', async () => {
    const claim = await running('followed');
    const followers: Promise<JobEvent[]>[] = [];
    for (let round = 0; round < 40; round++) {
      followers.push(follow(setting.store, claim.job.id));
      await write(claim, numbers(round * 25 + 1, round * 25 + 25));
      await sleep(5);
    }
    await finish(claim);

    const all = ['queued', 'running', ...numbers(1, 1_000), 'succeeded'];
    for (const events of await Promise.all(followers)) expect(events.map(textOf)).toEqual(all);
  });

  it('goes on behind the id that a reader gives, whatever others follow', async () => {
    const claim = await running('resumed');
    await write(claim, numbers(1, 50));
    const past = await setting.store.events(claim.job.id, undefined, 100);
    const from = follow(setting.store, claim.job.id);
    const resumed = [10, 25, 51].map((index) => ({ index, events: follow(setting.store, claim.job.id, past[index]?.id) }));
    await sleep(300);
    await write(claim, numbers(51, 60));
    await finish(claim);

    const all = ['queued', 'running', ...numbers(1, 60), 'succeeded'];
    expect((await from).map(textOf)).toEqual(all);
    for (const { index, events } of resumed) expect((await events).map(textOf)).toEqual(all.slice(index + 1));
  });

  it('gives one that reads slowly everything, and does not make others wait', async () => {
    const claim = await running('slow');
    const slow = (async () => {
      const texts: string[] = [];
      for await (const event of setting.store.followEvents(claim.job.id, undefined, never)) {
        texts.push(textOf(event));
        if (texts.length % 200 === 0) await sleep(50);
      }
      return texts;
    })();
    const quick = follow(setting.store, claim.job.id);
    for (let round = 0; round < 12; round++) await write(claim, numbers(round * 250 + 1, round * 250 + 250));
    await finish(claim);

    const all = ['queued', 'running', ...numbers(1, 3_000), 'succeeded'];
    expect((await quick).map(textOf)).toEqual(all);
    expect(await slow).toEqual(all);
  });

  it('shares one connection among 200 followers of 20 jobs, and none when they are gone', async () => {
    const claims = await Promise.all(Array.from({ length: 20 }, (_, index) => running(`shared-${index}`)));
    const followers = claims.flatMap((claim) => Array.from({ length: 10 }, () => follow(setting.store, claim.job.id)));
    await Promise.all(claims.map((claim) => write(claim, numbers(1, 30))));
    await sleep(300);
    expect(await eventConnections()).toBe(1);
    await Promise.all(claims.map(finish));

    for (const events of await Promise.all(followers)) expect(events.map(textOf)).toEqual(['queued', 'running', ...numbers(1, 30), 'succeeded']);
    await sleep(50);
    expect(await eventConnections()).toBe(0);
  });

  it('ends at once for a job that has ended and a reader that has seen all', async () => {
    const claim = await running('seen');
    await finish(claim);
    const events = await follow(setting.store, claim.job.id);
    expect(events.map(textOf)).toEqual(['queued', 'running', 'succeeded']);
    expect(await follow(setting.store, claim.job.id, events.at(-1)?.id)).toEqual([]);
  });

  it('ends when the reader leaves', async () => {
    const claim = await running('left');
    const controller = new AbortController();
    const events = follow(setting.store, claim.job.id, undefined, controller.signal);
    await sleep(200);
    controller.abort();
    expect((await events).map(textOf)).toEqual(['queued', 'running']);
    const left = new AbortController();
    left.abort();
    expect(await follow(setting.store, claim.job.id, undefined, left.signal)).toEqual([]);
  });

  it('fails for an event that cannot be read, and for its job alone', async () => {
    const [sound, damaged] = await Promise.all([running('sound'), running('damaged')]);
    const following = [follow(setting.store, sound.job.id), follow(setting.store, damaged.job.id)];
    const codes = following.map(codeOf);
    await setting.redis.xadd(`{clusterwright}:events:${damaged.job.id}`, '*', 'event', '{"type":"rumour"}');
    await finish(sound);
    expect(await Promise.all(codes)).toEqual(['no error', 'internal-error']);
  });

  it('hears of an event within a quarter of a second', async () => {
    const claim = await running('prompt');
    const controller = new AbortController();
    const heard: number[] = [];
    const following = (async () => {
      for await (const event of setting.store.followEvents(claim.job.id, undefined, controller.signal)) {
        if (event.event.type === 'message') heard.push(Date.now() - Number(event.event.text));
      }
    })();
    for (let round = 0; round < 20; round++) {
      await write(claim, [String(Date.now())]);
      await sleep(20);
    }
    controller.abort();
    await following;
    expect(heard).toHaveLength(20);
    expect(Math.max(...heard)).toBeLessThan(250);
  });
});
