import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page, PageRequest } from '../../../store/contract.js';
import { ended, inState, someCluster, someJob, someObservation, someSpec } from '../../support/records.js';
import { claimed, codeOf, storeSetting, type Setting } from './setting.js';

let setting: Setting;
beforeAll(async () => (setting = await storeSetting({ appendfsync: 'no' })));
afterAll(() => setting.end());

async function create(name: string, owner = 'payments') {
  const made = someCluster(name, { owner });
  await setting.store.createCluster(made.cluster, made.job);
  return made;
}

/** All items of a list, page by page; `between` happens after each page. */
async function all<Item>(list: (page: PageRequest) => Promise<Page<Item>>, limit: number, between: (page: number) => Promise<unknown> = async () => undefined): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | undefined;
  for (let page = 0; ; page++) {
    const { items: some, nextCursor } = await list({ limit, ...(cursor === undefined ? {} : { cursor }) });
    expect(some.length).toBeLessThanOrEqual(limit);
    items.push(...some);
    if (nextCursor === null) return items;
    cursor = nextCursor;
    await between(page);
  }
}

const padded = (index: number): string => String(index).padStart(3, '0');

describe('a list of clusters', () => {
  it('is in the order of names, every cluster once, whatever the size of the pages', async () => {
    const names = Array.from({ length: 23 }, (_, index) => `list-${padded(index)}`);
    await Promise.all(names.toReversed().map((name) => create(name, 'lists')));
    for (const limit of [1, 7, 23, 200]) {
      const items = await all((page) => setting.store.listClusters({ owner: 'lists' }, page), limit);
      expect(items.map(({ cluster }) => cluster.name)).toEqual(names);
    }
  });

  it('comes with what was observed', async () => {
    const { cluster } = await create('seen', 'seeing');
    await create('unseen', 'seeing');
    const observation = someObservation(5);
    await setting.store.observe('seen', cluster.uid, observation);
    const { items } = await setting.store.listClusters({ owner: 'seeing' }, { limit: 10 });
    expect(items.map((item) => item.observation)).toEqual([observation, undefined]);
  });

  it('keeps to its filters, which follow state and owner as they change', async () => {
    const first = await create('filter-1', 'old-owner');
    await create('filter-2', 'old-owner');
    const claim = await claimed(setting.store, first.job.id);
    await setting.store.finish(claim.lease, { job: ended(claim.job), cluster: inState(claim.cluster, 'ready') });
    const names = async (filter: Parameters<typeof setting.store.listClusters>[0]) =>
      (await setting.store.listClusters(filter, { limit: 100 })).items.map(({ cluster }) => cluster.name);

    expect(await names({ owner: 'old-owner', state: 'ready' })).toEqual(['filter-1']);
    expect(await names({ owner: 'old-owner', state: 'provisioning', provider: 'aws' })).toEqual(['filter-2']);
    expect(await names({ owner: 'nobody' })).toEqual([]);

    const spec = someSpec('filter-1', { owner: 'new: "owner"' });
    await setting.store.changeCluster('filter-1', { spec, state: 'updating', job: someJob('update', { ...first.cluster, spec }) });
    expect(await names({ owner: 'old-owner' })).toEqual(['filter-2']);
    expect(await names({ owner: 'new: "owner"', state: 'updating' })).toEqual(['filter-1']);
    expect(await names({ state: 'ready' })).toEqual([]);
  });

  it('loses and doubles nothing that stays, while others come and go', async () => {
    const staying = Array.from({ length: 30 }, (_, index) => `stay-${padded(index)}`);
    const going = await Promise.all(Array.from({ length: 10 }, (_, index) => create(`stay-${padded(index * 3)}-going`, 'moving')));
    await Promise.all(staying.map((name) => create(name, 'moving')));

    const items = await all((page) => setting.store.listClusters({ owner: 'moving' }, page), 4, async (page) => {
      await create(`stay-${padded(page)}-coming`, 'moving');
      const gone = going.pop();
      if (gone === undefined) return;
      const claim = await claimed(setting.store, gone.job.id);
      await setting.store.finish(claim.lease, { job: ended(claim.job, 'failed'), cluster: 'gone' });
    });

    const names = items.map(({ cluster }) => cluster.name);
    expect(names.filter((name) => staying.includes(name))).toEqual(staying);
    expect(new Set(names).size).toBe(names.length);
  });

  it('refuses a cursor that it has not given', async () => {
    await create('cursor-1', 'cursors');
    await create('cursor-2', 'cursors');
    const jobs = await setting.store.listJobs({}, { limit: 1 });
    for (const cursor of ['', 'x', '!!!', jobs.nextCursor ?? '', Buffer.from('clusters:a*').toString('base64url')]) {
      expect(await codeOf(setting.store.listClusters({}, { limit: 1, cursor }))).toBe('invalid-parameter');
    }
  });
});

describe('a list of jobs', () => {
  it('has the newest first, and what comes meanwhile is not in later pages', async () => {
    const { cluster, job } = await create('jobs');
    const previews = Array.from({ length: 12 }, () => someJob('preview', cluster)).sort((a, b) => a.id.localeCompare(b.id));
    for (const preview of previews) await setting.store.submitPreview(preview);
    const wanted = [job, ...previews].map(({ id }) => id).sort().reverse();

    const items = await all((page) => setting.store.listJobs({ cluster: 'jobs' }, page), 5, () => setting.store.submitPreview(someJob('preview', cluster)));

    expect(items.map(({ id }) => id)).toEqual(wanted);
    const everything = (await all((page) => setting.store.listJobs({}, page), 50)).map(({ id }) => id);
    expect(everything).toEqual(everything.toSorted().reverse());
    expect(everything.length).toBeGreaterThan(wanted.length);
  });
});

describe('10,000 clusters', () => {
  it('page as quickly as a hundred, with filters too', async () => {
    const batch = Array.from({ length: 10_000 }, (_, index) => ({ name: `many-${String(index).padStart(5, '0')}`, rare: index % 1_000 === 999 }));
    for (let at = 0; at < batch.length; at += 100) await Promise.all(batch.slice(at, at + 100).map(({ name, rare }) => create(name, rare ? 'rare' : 'many')));
    const quickest = async (work: () => Promise<unknown>): Promise<number> => {
      const times: number[] = [];
      for (let round = 0; round < 15; round++) {
        const start = performance.now();
        await work();
        times.push(performance.now() - start);
      }
      return Math.min(...times);
    };

    const few = await quickest(() => setting.store.listClusters({ owner: 'lists' }, { limit: 20 }));
    const first = await setting.store.listClusters({ owner: 'many' }, { limit: 20 });
    const many = await quickest(() => setting.store.listClusters({ owner: 'many', state: 'provisioning', provider: 'aws' }, { limit: 20, cursor: first.nextCursor ?? '' }));
    const rare = await setting.store.listClusters({ owner: 'rare', state: 'provisioning' }, { limit: 20 });

    expect(rare.items).toHaveLength(10);
    expect(many).toBeLessThan(3 * few + 5);
  });
});
