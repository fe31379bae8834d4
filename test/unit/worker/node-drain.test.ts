import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { cordon, drainableNodes, endDaemons, evictionRound, haveFollowed, uncordon, type DrainableNode, type NodeClient } from '../../../worker/kubernetes/node-drain.js';

/** An API server with these objects, which refuses the eviction of pods whose name begins with `held`. */
function server(objects: readonly object[]) {
  const calls: string[] = [];
  const client: NodeClient = {
    objects: <Item>(path: string, item: z.ZodType<Item>, query?: Record<string, string>) => {
      calls.push(`list ${path} ${Object.values(query ?? {}).join()}`.trim());
      return Promise.resolve(objects.map((object) => item.parse(object)));
    },
    merge: (path, patch) => {
      calls.push(`merge ${path} ${JSON.stringify(patch)}`);
      return Promise.resolve(true);
    },
    remove: () => Promise.resolve(true),
    evict: ({ namespace, name, uid }) => {
      calls.push(`evict ${namespace}/${name} ${uid}`);
      return Promise.resolve(!name.startsWith('held'));
    },
  };
  return { client, calls };
}

const pod = (name: string, more: object = {}, phase = 'Running'): object => ({ metadata: { name, namespace: 'default', uid: `uid-${name}`, ...more }, status: { phase } });
const owned = (kind: string): object => ({ ownerReferences: [{ kind, controller: true }] });
const node: DrainableNode = { name: 'node-1', providerId: undefined, ready: true, createdAt: '', unschedulable: false, removing: false, release: '1.35.4', surgeTo: undefined, authorities: undefined, upgradingTo: undefined };

describe('draining a node', () => {
  it('evicts every pod that has to go elsewhere, whoever owns it, and waits for those that are told to end', async () => {
    const { client, calls } = server([
      pod('replica', owned('ReplicaSet')), pod('bare'), pod('held'), pod('leaving', { deletionTimestamp: '2026-01-01T00:00:00Z' }),
      pod('agent', owned('DaemonSet')), pod('static', { annotations: { 'kubernetes.io/config.mirror': 'x' } }), pod('done', {}, 'Succeeded'), pod('failed', {}, 'Failed'),
    ]);

    const remaining = await evictionRound(client, node);

    expect(calls).toEqual(['list /api/v1/pods spec.nodeName=node-1', 'evict default/replica uid-replica', 'evict default/bare uid-bare', 'evict default/held uid-held']);
    expect(remaining).toEqual([
      { pod: 'default/replica', refused: false }, { pod: 'default/bare', refused: false }, { pod: 'default/held', refused: true }, { pod: 'default/leaving', refused: false },
    ]);
  });

  it('does not wait for pods that nobody ends, on a node that is not Ready, but for leave to end them', async () => {
    const { client } = server([pod('bare'), pod('held'), pod('leaving', { deletionTimestamp: '2026-01-01T00:00:00Z' })]);

    expect(await evictionRound(client, { ...node, ready: false })).toEqual([{ pod: 'default/held', refused: true }]);
  });

  it('closes and marks the node, and opens it again unless it was closed before', async () => {
    const marked = (mark: string): object => ({ metadata: { name: 'node-1', annotations: { 'clusterwright.io/removing': mark } }, spec: { unschedulable: true } });
    const patches = async (objects: object[], act: (client: NodeClient) => Promise<unknown>): Promise<string[]> => {
      const { client, calls } = server(objects);
      await act(client);
      return calls.filter((call) => call.startsWith('merge')).map((call) => call.slice('merge /api/v1/nodes/node-1 '.length));
    };

    expect(await patches([], (client) => cordon(client, node))).toEqual(['{"metadata":{"annotations":{"clusterwright.io/removing":"cordoned"}},"spec":{"unschedulable":true}}']);
    expect(await patches([], (client) => cordon(client, { ...node, unschedulable: true }))).toEqual(['{"metadata":{"annotations":{"clusterwright.io/removing":"was-cordoned"}},"spec":{"unschedulable":true}}']);
    expect(await patches([], (client) => cordon(client, { ...node, unschedulable: true, removing: true }))).toEqual([]);
    expect(await patches([marked('cordoned')], (client) => uncordon(client, 'node-1'))).toEqual(['{"metadata":{"annotations":{"clusterwright.io/removing":null}},"spec":{"unschedulable":null}}']);
    expect(await patches([marked('was-cordoned')], (client) => uncordon(client, 'node-1'))).toEqual(['{"metadata":{"annotations":{"clusterwright.io/removing":null}}}']);
    expect(await patches([{ metadata: { name: 'node-1' }, spec: { unschedulable: true } }], (client) => uncordon(client, 'node-1'))).toEqual([]);
  });

  it('reads what the choice among machines needs', async () => {
    const { client } = server([{
      metadata: { name: 'node-1', creationTimestamp: '2026-01-01T00:00:00Z', annotations: { 'clusterwright.io/removing': 'cordoned', 'clusterwright.io/surge-to': '4' }, labels: { 'clusterwright.io/authorities': 'ab12' } },
      spec: { providerID: 'aws:///a/i-1', unschedulable: true }, status: { conditions: [{ type: 'Ready', status: 'Unknown' }], nodeInfo: { kubeletVersion: 'v1.34.4' } },
    }]);

    expect(await drainableNodes(client)).toEqual([{ name: 'node-1', providerId: 'aws:///a/i-1', ready: false, createdAt: '2026-01-01T00:00:00Z', unschedulable: true, removing: true, release: '1.34.4', surgeTo: 4, authorities: 'ab12' }]);
  });
});

describe('the pods of DaemonSets on a node', () => {
  const daemon = (name: string, ready = true): object => ({ ...pod(name, owned('DaemonSet')), status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] } });
  const followed = (...pods: object[]): Promise<boolean> => haveFollowed(server(pods).client, 'node-1', { uids: ['uid-proxy', 'uid-broken'], ready: 1 });

  it('have begun anew when none of those that were told to end is there, and as many are Ready as were before', async () => {
    expect(await endDaemons(server([daemon('proxy'), daemon('broken', false), pod('web', owned('ReplicaSet'))]).client, 'node-1')).toEqual({ uids: ['uid-proxy', 'uid-broken'], ready: 1 });
    expect(await followed(daemon('proxy'))).toBe(false);
    expect(await followed(daemon('proxy-2', false), daemon('broken-2', false))).toBe(false);
    expect(await followed(daemon('proxy-2'), daemon('broken-2', false))).toBe(true);
  });
});
