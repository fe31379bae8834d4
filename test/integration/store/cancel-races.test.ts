import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isFinished } from '../../../model/job.js';
import type { Store } from '../../../store/store.js';
import { ended, inState } from '../../support/records.js';
import { claimed, codeOf, deletionOf, present, readyCluster, storeSetting, submitted, texts, worker, type Setting } from './setting.js';

let setting: Setting;
let others: Store[];
beforeAll(async () => {
  setting = await storeSetting();
  others = [setting.store, setting.another(), setting.another(), setting.another()];
  await Promise.all(others.map((store) => store.ping()));
});
afterAll(() => setting.end());

const rounds = Array.from({ length: 40 }, (_, round) => round);
const at = '2026-02-03T04:05:06.000Z';
const other = (index: number): Store => others[index % others.length] ?? setting.store;

/** Both over connections of their own: at the same moment, or with a short start for the one or the other, so that each comes first at times. */
async function raced<One, Two>(round: number, one: (store: Store) => Promise<One>, two: (store: Store) => Promise<Two>): Promise<[One, Two]> {
  const start = (turn: number): Promise<void> => (round % 3 === turn ? sleep(2) : Promise.resolve());
  return Promise.all([start(1).then(() => one(other(0))), start(2).then(() => two(other(1)))]);
}

describe('a cancellation at the same moment as', () => {
  it('a claim: the job has ended unbegun, or runs and is asked to end', async () => {
    const outcomes = new Set<string>();
    for (const round of rounds) {
      const job = await submitted(setting.store, `claim-${round}`);
      const [answer, claim] = await raced(round, (store) => store.requestCancel(job.id, { force: false, at }), (store) => store.claimJob(job.id, worker('worker-1'), 30_000));
      const cluster = present(await setting.store.getCluster(job.cluster));
      expect(cluster).toMatchObject(claim ? { state: 'provisioning', activeJob: job.id } : { state: 'failed', activeJob: null });
      expect(answer.job.state).toBe(claim ? 'cancelling' : 'cancelled');
      expect(await texts(setting.store, job.id)).toEqual(claim ? ['queued 1', 'running 1', 'cancelling 1'] : ['queued 1', 'cancelled 1']);
      if (claim) expect(await setting.store.renew(claim.lease, 30_000)).toEqual({ requestedAt: at, force: false });
      outcomes.add(answer.job.state);
    }
    expect(outcomes).toEqual(new Set(['cancelling', 'cancelled']));
  });

  it('the job\'s end: it came in time or is told that it did not', async () => {
    const codes = new Set<unknown>();
    for (const round of rounds) {
      const claim = await claimed(setting.store, (await submitted(setting.store, `finish-${round}`)).id);
      const [code] = await raced(round, (store) => codeOf(store.requestCancel(claim.job.id, { force: false, at })),
        (store) => store.finish(claim.lease, { job: ended(claim.job), cluster: inState(claim.cluster, 'ready') }));
      codes.add(code);
      expect(await texts(setting.store, claim.job.id)).toEqual(code === 'no error' ? ['queued 1', 'running 1', 'cancelling 1', 'succeeded 1'] : ['queued 1', 'running 1', 'succeeded 1']);
      expect(await setting.store.getCluster(claim.job.cluster)).toMatchObject({ state: 'ready', activeJob: null, lastJob: { state: 'succeeded' } });
    }
    expect(codes).toEqual(new Set(['no error', 'job-finished']));
  });

  it('others: a queued job is cancelled for one of them, a running one for all, and each is told once', async () => {
    const queued = await submitted(setting.store, 'many-queued');
    const codes = await Promise.all(rounds.map((index) => codeOf(other(index).requestCancel(queued.id, { force: index % 2 === 0, at }))));
    expect(codes.filter((code) => code === 'no error')).toHaveLength(1);
    expect(codes.filter((code) => code === 'job-finished')).toHaveLength(rounds.length - 1);
    expect(await texts(setting.store, queued.id)).toEqual(['queued 1', 'cancelled 1']);

    const running = await claimed(setting.store, (await submitted(setting.store, 'many-running')).id);
    const answers = await Promise.all(rounds.map((index) => other(index).requestCancel(running.job.id, { force: index === 7, at })));
    expect(answers.every(({ job }) => job.state === 'cancelling')).toBe(true);
    expect(await texts(setting.store, running.job.id)).toEqual(['queued 1', 'running 1', 'cancelling 1']);
    expect(await setting.store.renew(running.lease, 30_000)).toEqual({ requestedAt: at, force: true });

    const deletion = await deletionOf(setting.store, await readyCluster(setting.store, 'many-deletions'));
    const ends = await Promise.all(rounds.map((index) => codeOf(other(index).requestCancel(deletion.id, { force: false, at }))));
    expect(ends.filter((code) => code === 'no error')).toHaveLength(1);
    expect((await setting.store.getCluster('many-deletions'))?.conditions).toHaveLength(1);
  });

  it('a release and a take-over: the wish survives, and one holder is left', async () => {
    for (const round of rounds) {
      const claim = await claimed(setting.store, (await submitted(setting.store, `release-${round}`)).id);
      const [answer] = await raced(round, (store) => store.requestCancel(claim.job.id, { force: false, at }), (store) => store.release(claim.lease));
      expect(answer.job.state).toBe('cancelling');
      const heirs = await Promise.all([0, 1, 2, 3].map((index) => other(index).takeOver(claim.job.id, worker(`heir-${index}`), 30_000)));
      const [heir] = heirs.filter((found) => found !== undefined);
      expect(heirs.filter((found) => found !== undefined)).toHaveLength(1);
      expect(heir?.job).toMatchObject({ state: 'cancelling', attempt: 2, cancellation: { requestedAt: at } });
    }
  });
});

describe('a deletion that cancels what runs, at the same moment as', () => {
  it('the job\'s end: it begins in either case, once', async () => {
    for (const round of rounds) {
      const claim = await claimed(setting.store, (await submitted(setting.store, `delete-finish-${round}`)).id);
      const cluster = present(claim.cluster);
      const [deletion] = await raced(round, (store) => deletionOf(store, cluster, { cancelRunning: true }),
        (store) => store.finish(claim.lease, { job: ended(claim.job), cluster: inState(cluster, 'ready') }));
      expect(await setting.store.getCluster(cluster.name)).toMatchObject({ state: 'deleting', activeJob: deletion.id, nextJob: null, lastJob: { id: deletion.id, state: 'queued' } });
      expect((await setting.store.dueWakeUps(10_000)).filter(({ jobId }) => jobId === deletion.id)).toHaveLength(1);
      expect((await claimed(setting.store, deletion.id)).job.kind).toBe('delete');
    }
  });

  it('a claim of the queued job: it begins at once or waits for that one\'s end', async () => {
    for (const round of rounds) {
      const job = await submitted(setting.store, `delete-claim-${round}`);
      const cluster = present(await setting.store.getCluster(job.cluster));
      const [deletion, claim] = await raced(round, (store) => deletionOf(store, cluster, { cancelRunning: true }), (store) => store.claimJob(job.id, worker('worker-1'), 30_000));
      expect(await setting.store.getCluster(cluster.name)).toMatchObject(claim
        ? { state: 'provisioning', activeJob: job.id, nextJob: deletion.id }
        : { state: 'deleting', activeJob: deletion.id, nextJob: null });
      if (claim) await setting.store.finish(claim.lease, { job: ended(claim.job, 'cancelled'), cluster: inState(claim.cluster, 'failed') });
      expect(await setting.store.getCluster(cluster.name)).toMatchObject({ state: 'deleting', activeJob: deletion.id });
    }
  });

  it('its own cancellation and the job\'s end: nothing is left waiting', async () => {
    for (const round of rounds) {
      const claim = await claimed(setting.store, (await submitted(setting.store, `undone-${round}`)).id);
      const deletion = await deletionOf(setting.store, present(claim.cluster), { cancelRunning: true });
      await raced(round, (store) => store.requestCancel(deletion.id, { force: false, at }),
        (store) => store.finish(claim.lease, { job: ended(claim.job, 'cancelled'), cluster: inState(claim.cluster, 'failed') }));
      expect(await texts(setting.store, deletion.id)).toEqual(['queued 1', 'cancelled 1']);
      expect(await setting.store.getCluster(claim.job.cluster)).toMatchObject({ state: 'failed', activeJob: null, nextJob: null });
      expect((await setting.store.dueWakeUps(10_000)).map(({ jobId }) => jobId)).not.toContain(deletion.id);
    }
  });

  it('others of its kind: one is written', async () => {
    const claim = await claimed(setting.store, (await submitted(setting.store, 'delete-many')).id);
    const codes = await Promise.all(rounds.map((index) => codeOf(deletionOf(other(index), present(claim.cluster), { cancelRunning: true }))));
    expect(codes.filter((code) => code === 'no error')).toHaveLength(1);
    expect(codes.filter((code) => code === 'operation-in-progress')).toHaveLength(rounds.length - 1);
    const jobs = (await setting.store.listJobs({ cluster: 'delete-many' }, { limit: 50 })).items;
    expect(jobs.filter(({ state }) => !isFinished(state))).toHaveLength(2);
  });
});
