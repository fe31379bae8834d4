import { describe, expect, it } from 'vitest';
import type { PoolGroup } from '../../../worker/cloud/index.js';
import type { DrainableNode } from '../../../worker/kubernetes/node-drain.js';
import { poolTarget } from '../../../worker/operation/pool-target.js';

const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `i-${index + 1}`);
const group = (count: number, more: Partial<PoolGroup> = {}): PoolGroup => ({
  pool: 'general', group: 'demo-pool-general', minNodes: 3, maxNodes: 10, capacity: count, machines: ids(count).map((id) => ({ id, providerId: `aws:///a/${id}`, leaving: false })), ...more,
});
/** One node on each machine, the newest on the last. */
const nodes = (count: number, more: Readonly<Record<string, Partial<DrainableNode>>> = {}): DrainableNode[] => ids(count).map((id, index) => ({
  name: `node-${id}`, providerId: `aws:///a/${id}`, ready: true, createdAt: `2026-01-0${index + 1}T00:00:00Z`, unschedulable: false, removing: false, release: '1.35.4', surgeTo: undefined, authorities: undefined, upgradingTo: undefined, ...more[id],
}));
const aim = (present: PoolGroup, minNodes: number, maxNodes: number, { on = nodes(present.machines.length), autoscaled = false } = {}) => {
  const { ends, spared, ...counts } = poolTarget(present, { bounds: { minNodes, maxNodes }, nodes: on, autoscaled });
  return { ...counts, ends: ends.map(({ machine }) => machine.id), spared: spared.map(({ name }) => name) };
};

describe('a pool whose bounds change', () => {
  it('stays as it is where they hold its number', () => {
    expect(aim(group(3), 3, 10)).toEqual({ count: 3, target: 3, ends: [], spared: [] });
    expect(aim(group(5), 3, 12)).toEqual({ count: 5, target: 5, ends: [], spared: [] });
    expect(aim(group(5), 4, 10)).toEqual({ count: 5, target: 5, ends: [], spared: [] });
  });

  it('goes up to a smallest number above it', () => {
    expect(aim(group(3), 5, 10)).toEqual({ count: 3, target: 5, ends: [], spared: [] });
  });

  it('goes down to a largest number below it, the newest machines first', () => {
    expect(aim(group(5), 1, 3, { autoscaled: true })).toEqual({ count: 5, target: 3, ends: ['i-5', 'i-4'], spared: [] });
  });

  it('follows a smallest number that is lowered where no autoscaler does', () => {
    expect(aim(group(3), 2, 10)).toEqual({ count: 3, target: 2, ends: ['i-3'], spared: [] });
    expect(aim(group(3), 2, 10, { autoscaled: true })).toEqual({ count: 3, target: 3, ends: [], spared: [] });
  });

  it('loses those first that never joined, then those that are not Ready', () => {
    const on = nodes(5, { 'i-2': { ready: false } }).filter(({ name }) => name !== 'node-i-4');
    expect(aim(group(5), 2, 2, { on }).ends).toEqual(['i-4', 'i-2', 'i-5']);
  });

  it('has its node found whichever case its id is written in', () => {
    const on = nodes(3).map((node) => ({ ...node, providerId: node.providerId?.toUpperCase() }));
    expect(aim(group(3), 2, 10, { on }).ends).toEqual(['i-3']);
  });
});

describe('a removal that was begun', () => {
  it('goes on with the same machine, also where the bound is in the cloud already', () => {
    const on = nodes(3, { 'i-1': { removing: true, unschedulable: true } });
    expect(aim(group(3), 2, 10, { on })).toEqual({ count: 3, target: 2, ends: ['i-1'], spared: [] });
    expect(aim(group(3, { minNodes: 2 }), 2, 10, { on })).toEqual({ count: 3, target: 2, ends: ['i-1'], spared: [] });
  });

  it('ends no second machine where the first is on its way out', () => {
    const machines = group(3).machines.map((machine) => ({ ...machine, leaving: machine.id === 'i-3' }));
    // The number has not followed yet, or it has.
    expect(aim(group(3, { machines }), 2, 10)).toEqual({ count: 2, target: 2, ends: [], spared: [] });
    expect(aim(group(3, { machines, capacity: 2 }), 2, 10)).toEqual({ count: 2, target: 2, ends: [], spared: [] });
  });

  it('is taken back where the bounds want the machine after all', () => {
    const on = nodes(3, { 'i-1': { removing: true, unschedulable: true } });
    expect(aim(group(3), 3, 10, { on })).toEqual({ count: 3, target: 3, ends: [], spared: ['node-i-1'] });
  });
});
