import { describe, expect, it } from 'vitest';
import { nodeStepKey } from '../../../model/rendezvous.js';
import { Rendezvous } from '../../../worker/cloud/rendezvous.js';

/** A store in memory that tells what was read of it. */
function inMemory(objects: Map<string, string>) {
  const reads: string[] = [];
  let opened = 0;
  const rendezvous = new Rendezvous(() => {
    opened += 1;
    return Promise.resolve({
      read: (key) => {
        reads.push(key);
        return Promise.resolve(objects.get(key));
      },
      write: (key, value) => Promise.resolve(void objects.set(key, JSON.stringify(value))),
      list: (prefix) => Promise.resolve([...objects].filter(([key]) => key.startsWith(prefix)).map(([key, text]) => ({ key, sizeBytes: text.length, etag: text }))),
    });
  });
  return { rendezvous, reads, opened: () => opened };
}

describe('the private store of a cluster', () => {
  it('is opened once, and each step of a node read once until it changes', async () => {
    const step = { node: 'cp-1', role: 'control-plane', pool: null, index: 1, step: 'booted', at: '2026-11-29T12:00:00Z', message: null };
    const objects = new Map([[nodeStepKey('cp-1'), JSON.stringify(step)], [nodeStepKey('cp-2'), 'no step']]);
    const { rendezvous, reads, opened } = inMemory(objects);
    for (const _ of [1, 2]) expect(await rendezvous.nodeSteps()).toEqual([step]);
    expect(reads).toHaveLength(2);

    objects.set(nodeStepKey('cp-1'), JSON.stringify({ ...step, step: 'joined' }));
    expect(await rendezvous.nodeSteps()).toEqual([{ ...step, step: 'joined' }]);
    expect([reads.length, opened()]).toEqual([3, 1]);
  });

  it('has the description of a snapshot read once, lists only those that are complete, and none that has gone', async () => {
    const objects = new Map(['a', 'b'].flatMap((sha256, hour): [string, string][] => [
      [`etcd/2026-11-29T1${hour}-00-00Z.db.gz`, 'data'], [`etcd/2026-11-29T1${hour}-00-00Z.json`, JSON.stringify({ sha256, kubernetes: '1.35.4', members: [{ name: 'cp-1' }] })],
    ]));
    objects.set('etcd/2026-11-29T13-00-00Z.db.gz', 'under way');
    const { rendezvous, reads } = inMemory(objects);
    const first = await rendezvous.etcdSnapshots();
    expect(first.map(({ id, sha256, sizeBytes, members }) => [id, sha256, sizeBytes, members])).toEqual([['etcd/2026-11-29T11-00-00Z', 'b', 4, ['cp-1']], ['etcd/2026-11-29T10-00-00Z', 'a', 4, ['cp-1']]]);

    objects.delete('etcd/2026-11-29T10-00-00Z.json');
    reads.length = 0;
    expect(await rendezvous.etcdSnapshots(first)).toEqual(first.slice(0, 1));
    expect(reads).toEqual([]);
  });
});
