import { describe, expect, it } from 'vitest';
import type { PoolGroup } from '../../../../worker/cloud/index.js';
import type { DrainableNode } from '../../../../worker/kubernetes/node-drain.js';
import { missingMachines, nextOldMachine, oldMachines, staying } from '../../../../worker/operation/upgrade/machines.js';

const [before, after] = ['1.34.4', '1.35.4'];
const isNew = ({ release }: DrainableNode): boolean => release === after;
const node = (id: string, more: Partial<DrainableNode> = {}): DrainableNode => ({
  name: `node-${id}`, providerId: `aws:///a/${id}`, ready: true, createdAt: '2026-01-01T00:00:00Z', unschedulable: false, removing: false, release: before, surgeTo: undefined, authorities: undefined, upgradingTo: undefined, ...more,
});
const machine = (number: number) => ({ name: `demo-cp-${number}`, id: `i-${number}`, zone: 'a', address: `10.0.0.${number}` });
const group = (count: number): PoolGroup => ({
  pool: 'general', group: 'demo-pool-general', minNodes: 1, maxNodes: 3, capacity: count, machines: Array.from({ length: count }, (_, index) => ({ id: `i-${index + 1}`, providerId: `aws:///a/i-${index + 1}`, leaving: false })),
});

describe('control planes of an upgrade', () => {
  const machines = [1, 2, 3].map(machine);

  it('are replaced by number, one that is not Ready first, until all are new', () => {
    const nodes = [node('i-1'), node('i-2'), node('i-3')];
    expect(nextOldMachine(machines, nodes, isNew)?.machine.name).toBe('demo-cp-1');
    expect(nextOldMachine(machines, [node('i-1', { release: after }), node('i-2'), node('i-3', { ready: false })], isNew)?.machine.name).toBe('demo-cp-3');
    expect(nextOldMachine(machines, nodes.map((one) => ({ ...one, release: after })), isNew)).toBeUndefined();
  });

  it('are not replaced while nobody knows what they are: a machine without a node has yet to join', () => {
    expect(nextOldMachine(machines, [node('i-1', { release: after }), node('i-3', { release: after })], isNew)).toBeUndefined();
  });

  it('have their members taken out of etcd by one that stays and is Ready, of the new release where there is one', () => {
    const nodes = [node('i-1'), node('i-2'), node('i-3', { release: after })];
    expect(staying(machines, nodes, machine(1), isNew)?.name).toBe('node-i-3');
    expect(staying(machines, [node('i-1'), node('i-2'), node('i-3', { release: after, ready: false })], machine(1), isNew)?.name).toBe('node-i-2');
    expect(staying(machines, [node('i-1', { release: after })], machine(1), isNew)).toBeUndefined();
  });
});

describe('machines of a pool in an upgrade', () => {
  it('go in the order that was begun, then those that are not Ready, then the oldest', () => {
    const nodes = [node('i-1', { createdAt: '2026-01-03T00:00:00Z' }), node('i-2', { createdAt: '2026-01-02T00:00:00Z' }), node('i-3', { ready: false }), node('i-4', { surgeTo: 6 }), node('i-5', { release: after })];
    expect(oldMachines(group(5), nodes, isNew).map(({ machine: { id } }) => id)).toEqual(['i-4', 'i-3', 'i-2', 'i-1']);
  });

  it('are waited for until there are enough and the new ones are Ready; an old one that is not need not be', () => {
    const held = { isNew, count: 3 };
    expect(missingMachines(group(2), [node('i-1'), node('i-2')], held)).toEqual(['pool general has 2 of 3 machines']);
    expect(missingMachines(group(3), [node('i-1'), node('i-2')], held)).toEqual(['pool general: 1 of its machines has not joined']);
    expect(missingMachines(group(3), [node('i-1'), node('i-2'), node('i-3', { release: after, ready: false })], held)).toEqual(['node node-i-3 is not Ready']);
    expect(missingMachines(group(3), [node('i-1'), node('i-2', { ready: false }), node('i-3', { release: after })], held)).toEqual([]);
  });
});
