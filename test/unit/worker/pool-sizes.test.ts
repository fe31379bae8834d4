import { describe, expect, it } from 'vitest';
import type { PoolGroup } from '../../../worker/cloud/index.js';
import { PoolSizes, type PoolSizesContext } from '../../../worker/operation/pool-sizes.js';
import { codeOf } from '../../support/codes.js';
import { someCluster, someJob } from '../../support/records.js';

/** A cluster with one pool of so many machines, whose API server does not answer: it has never published how to get to it. */
function silent({ count, minNodes = count, bounds, kind = 'update', connected = true }: { count: number; minNodes?: number; bounds: { minNodes: number; maxNodes: number }; kind?: 'create' | 'update'; connected?: boolean }) {
  const { cluster } = someCluster('demo', { nodePools: [{ name: 'general', machineType: 'm7i.large', diskGiB: 100, labels: {}, taints: [], ...bounds }] });
  const calls: string[] = [];
  let machines = Array.from({ length: count }, (_, index) => ({ id: `i-${index}`, providerId: `aws:///a/i-${index}`, leaving: false }));
  const context: PoolSizesContext = {
    spec: cluster.spec, job: someJob(kind, cluster), drainLimitMs: 100, connection: undefined, report: () => undefined,
    cluster: { ...cluster, connection: connected ? { endpoint: 'https://api.demo.clusterwright.internal:6443', address: '127.0.0.1', certificateAuthority: '' } : null },
    states: { infrastructure: { resources: [], urns: [], outputs: {}, pending: [], encryption: undefined, record: undefined }, platform: undefined },
    cloud: {
      secrets: () => Promise.resolve({ certificateAuthority: undefined, endpoint: undefined, provisioner: undefined }),
      pools: () => Promise.resolve([{ pool: 'general', group: 'demo-pool-general', minNodes, maxNodes: 10, capacity: machines.length, machines }] satisfies PoolGroup[]),
      endMachine: (_group, { id }) => {
        calls.push(`end ${id}`);
        machines = machines.filter((machine) => machine.id !== id);
        return Promise.resolve();
      },
      raisePool: (_group, wanted) => {
        calls.push(`raise to ${wanted}`);
        return Promise.resolve();
      },
    },
  };
  return { calls, sizes: new PoolSizes(context, new AbortController().signal, 50) };
}

describe('the sizes of pools', () => {
  it('end no machine while the API server does not answer', async () => {
    const { calls, sizes } = silent({ count: 3, bounds: { minNodes: 2, maxNodes: 10 } });

    expect(await codeOf(() => sizes.lower())).toMatchObject({ code: 'node-not-drained' });
    expect(calls).toEqual([]);
  });

  it('let a job go on without the API server where the bounds hold what is there', async () => {
    const { calls, sizes } = silent({ count: 3, bounds: { minNodes: 3, maxNodes: 5 } });

    await sizes.lower();
    await sizes.raise();

    expect(calls).toEqual([]);
  });

  it('end machines undrained where the cluster has never had an API server', async () => {
    const { calls, sizes } = silent({ count: 3, bounds: { minNodes: 2, maxNodes: 10 }, connected: false });

    await sizes.lower();

    expect(calls).toEqual(['end i-2']);
  });

  it('are raised where the cloud has fewer, or would let it have fewer', async () => {
    for (const present of [{ count: 2 }, { count: 3, minNodes: 2 }]) {
      const { calls, sizes } = silent({ ...present, bounds: { minNodes: 3, maxNodes: 5 } });
      await sizes.lower();
      await sizes.raise();
      expect(calls).toEqual(['raise to 3']);
    }
  });

  it('are those of the program while the cluster is created', async () => {
    const { calls, sizes } = silent({ count: 3, bounds: { minNodes: 1, maxNodes: 1 }, kind: 'create' });

    await sizes.lower();
    await sizes.raise();

    expect(calls).toEqual([]);
  });
});
