import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { newJob, type JobRecord } from '../../../model/job.js';
import { ulid } from 'ulid';
import type { ClusterRecord } from '../../../model/cluster.js';
import type { ClusterChange } from '../../../store/contract.js';
import { followCalendars } from '../../../worker/calendars.js';
import { someCluster } from '../../support/records.js';

const hibernation = { schedule: [{ sleep: '0 20 * * *', wake: '0 7 * * *', timeZone: 'UTC' }] };

let cluster: ClusterRecord;
let jobs: JobRecord[];
/** Other clusters, of which nothing can be written. */
let broken: ClusterRecord[];
const begun = () => jobs.filter(({ requestedBy }) => requestedBy === 'clusterwright').map(({ kind, createdAt }) => [kind, createdAt]);

/** A store that holds one cluster, whose jobs end as soon as they are begun. */
const store = {
  getReport: () => Promise.resolve(undefined),
  succeededDrills: () => Promise.resolve(new Map<string, string>()),
  tellMissedDrills: () => Promise.resolve(),
  listClusters: (filter: { state?: string }) => Promise.resolve({ items: [...broken, cluster].filter(({ state }) => state === filter.state).map((one) => ({ cluster: one })), nextCursor: null }),
  listJobs: () => Promise.resolve({ items: [...jobs].reverse(), nextCursor: null }),
  createCluster: () => Promise.reject(new Error('nobody wants a drill')),
  nextSlot: () => Promise.resolve(1),
  changeCluster: (name: string, { job }: ClusterChange) => {
    if (name !== cluster.name) return Promise.reject(new Error('what is stored is broken'));
    jobs.push(job);
    cluster = { ...cluster, version: cluster.version + 1, state: job.kind === 'hibernate' ? 'hibernated' : 'ready' };
    return Promise.resolve({ replayed: false, job, cluster, answer: undefined });
  },
};
const round = (now: string) => followCalendars({ store, relay: { nudge: () => undefined }, log: pino({ level: 'silent' }) }, new Date(now));

/** Something that somebody has asked for, at a time. */
function asked(kind: JobRecord['kind'], createdAt: string, spec = cluster.spec): void {
  const id = ulid(Date.parse(createdAt));
  jobs.push(newJob({ id, cluster: cluster.name, uid: cluster.uid, kind, simulated: true, requestedBy: 'somebody', requestId: id, createdAt, spec, intent: { change: kind === 'preview' ? 'update' : kind, retain: 'none', retryOf: null } }));
  if (kind === 'hibernate' || kind === 'wake') cluster = { ...cluster, state: kind === 'hibernate' ? 'hibernated' : 'ready' };
}

beforeEach(() => {
  broken = [];
  const { cluster: some } = someCluster('nightly');
  cluster = { ...some, state: 'ready', activeJob: null, createdAt: '2026-07-01T10:00:00.000Z', spec: { ...some.spec, hibernation } };
  jobs = [];
  asked('create', '2026-07-01T10:00:00.000Z');
});

describe('the calendar of a cluster', () => {
  it('hibernates and wakes it, each time once, however often it is looked at', async () => {
    for (const now of ['2026-07-06T19:59:30Z', '2026-07-06T20:00:00Z', '2026-07-06T20:00:30Z', '2026-07-07T06:59:59Z', '2026-07-07T07:00:10Z', '2026-07-07T07:00:40Z', '2026-07-07T20:00:05Z']) await round(now);

    expect(begun()).toEqual([['hibernate', '2026-07-06T20:00:00.000Z'], ['wake', '2026-07-07T07:00:10.000Z'], ['hibernate', '2026-07-07T20:00:05.000Z']]);
  });

  it('does what was missed if it is not long ago, and of several times the last only', async () => {
    await round('2026-07-06T23:00:00Z');
    expect(begun()).toEqual([['hibernate', '2026-07-06T23:00:00.000Z']]);
    // Nobody looked for a day and a half: the cluster is to sleep, and does.
    await round('2026-07-08T22:00:00Z');
    expect(begun()).toHaveLength(1);
    cluster = { ...cluster, spec: { ...cluster.spec, hibernation: { schedule: [{ sleep: '0 20 * * 5', wake: '0 7 * * 1', timeZone: 'UTC' }] } } };
    jobs = [];
    asked('create', '2026-06-01T10:00:00.000Z');
    await round('2026-07-06T19:30:00Z');
    expect(begun()).toEqual([]);
  });

  it('is followed where another cluster\'s cannot be', async () => {
    broken = [{ ...cluster, name: 'a-broken-one' }];
    await round('2026-07-06T20:00:00Z');
    expect(begun()).toEqual([['hibernate', '2026-07-06T20:00:00.000Z']]);
  });

  it('leaves alone what somebody has switched since', async () => {
    asked('hibernate', '2026-07-06T19:00:00.000Z');
    await round('2026-07-06T20:00:10Z');
    asked('wake', '2026-07-06T20:30:00.000Z');
    asked('update', '2026-07-06T20:40:00.000Z');
    for (const now of ['2026-07-06T20:41:00Z', '2026-07-07T06:00:00Z']) await round(now);
    expect(begun()).toEqual([]);
    await round('2026-07-07T20:00:10Z');
    expect(begun()).toEqual([['hibernate', '2026-07-07T20:00:10.000Z']]);
  });

  it('begins with the first time after it was given', async () => {
    const { hibernation: _, ...without } = cluster.spec;
    jobs = [];
    asked('create', '2026-07-01T10:00:00.000Z', without);
    asked('preview', '2026-07-06T19:00:00.000Z');
    asked('update', '2026-07-06T21:00:00.000Z');
    await round('2026-07-06T21:01:00Z');
    expect(begun()).toEqual([]);
    await round('2026-07-07T20:00:00Z');
    expect(begun()).toHaveLength(1);
  });

  it('waits while another job is at work, and touches no cluster that has failed', async () => {
    cluster = { ...cluster, activeJob: 'x' };
    await round('2026-07-06T20:00:10Z');
    cluster = { ...cluster, activeJob: null, state: 'failed' };
    await round('2026-07-06T20:10:00Z');
    expect(begun()).toEqual([]);
    cluster = { ...cluster, state: 'ready' };
    await round('2026-07-06T20:20:00Z');
    expect(begun()).toEqual([['hibernate', '2026-07-06T20:20:00.000Z']]);
  });
});
