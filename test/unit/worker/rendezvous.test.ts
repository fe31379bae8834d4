import { describe, expect, it } from 'vitest';
import { nodeStepKey } from '../../../model/rendezvous.js';
import type { PrivateStore } from '../../../worker/cloud/private-store.js';
import { Rendezvous } from '../../../worker/cloud/rendezvous.js';
import { StoreInMemory } from '../../support/store-in-memory.js';

/** A store in memory that tells what was read of it. */
function inMemory(objects: Readonly<Record<string, string>>) {
  const reads: string[] = [];
  let opened = 0;
  const store = new StoreInMemory(objects);
  const counting: PrivateStore = Object.assign(new StoreInMemory(), {
    read: (key: string) => {
      reads.push(key);
      return store.read(key);
    },
    list: (prefix: string) => store.list(prefix),
  });
  const rendezvous = new Rendezvous(() => {
    opened += 1;
    return Promise.resolve(counting);
  });
  return { rendezvous, reads, objects: store.objects, opened: () => opened };
}

describe('the private store of a cluster', () => {
  it('is opened once, and each step of a node read once until it changes', async () => {
    const step = { node: 'cp-1', role: 'control-plane', pool: null, index: 1, step: 'booted', at: '2026-11-29T12:00:00Z', message: null };
    const { rendezvous, reads, objects, opened } = inMemory({ [nodeStepKey('cp-1')]: JSON.stringify(step), [nodeStepKey('cp-2')]: 'no step' });
    for (const _ of [1, 2]) expect(await rendezvous.nodeSteps()).toEqual([step]);
    expect(reads).toHaveLength(2);

    objects.set(nodeStepKey('cp-1'), Buffer.from(JSON.stringify({ ...step, step: 'joined' })));
    expect(await rendezvous.nodeSteps()).toEqual([{ ...step, step: 'joined' }]);
    expect([reads.length, opened()]).toEqual([3, 1]);
  });

  it('has the description of a snapshot read once, lists only those that are complete, and none that has gone', async () => {
    const complete = ['a', 'b'].flatMap((sha256, hour): [string, string][] => [
      [`etcd/2026-11-29T1${hour}-00-00Z.db.gz`, 'data'], [`etcd/2026-11-29T1${hour}-00-00Z.json`, JSON.stringify({ sha256, kubernetes: '1.35.4', members: [{ name: 'cp-1' }] })],
    ]);
    const { rendezvous, reads, objects } = inMemory({ ...Object.fromEntries(complete), 'etcd/2026-11-29T13-00-00Z.db.gz': 'under way' });
    const first = await rendezvous.etcdSnapshots();
    expect(first.map(({ id, sha256, sizeBytes, members }) => [id, sha256, sizeBytes, members])).toEqual([['etcd/2026-11-29T11-00-00Z', 'b', 4, ['cp-1']], ['etcd/2026-11-29T10-00-00Z', 'a', 4, ['cp-1']]]);

    objects.delete('etcd/2026-11-29T10-00-00Z.json');
    reads.length = 0;
    expect(await rendezvous.etcdSnapshots(first)).toEqual(first.slice(0, 1));
    expect(reads).toEqual([]);
  });
});
