import { describe, expect, it } from 'vitest';
import type { ClusterNode } from '../../../worker/kubernetes/client.js';
import { verdictOn, type SeenMachines, type Verdict } from '../../../worker/node-health.js';
import { whyItStays } from '../../../worker/operation/unhealthy-machines.js';
import { someSpec } from '../../support/records.js';

const now = new Date('2026-05-04T12:00:00.000Z');
const ago = (seconds: number): string => new Date(now.getTime() - seconds * 1000).toISOString();

interface Trouble {
  /** Machines whose nodes are not Ready, with the seconds since when. */
  readonly unready?: Readonly<Record<string, number>>;
  /** Control planes that the cloud does not have, or that do not run. */
  readonly gone?: readonly string[];
  readonly stopped?: readonly string[];
  /** Machines without a node. */
  readonly nodeless?: readonly string[];
  readonly capacity?: number;
}

const controlPlanes = ['cp-1', 'cp-2', 'cp-3'];
const workersOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `w-${index + 1}`);

/** Three control planes and a pool of ten at least four, but for what is wrong with them. */
function seen({ unready = {}, gone = [], stopped = [], nodeless = [], capacity = 4 }: Trouble, replicas = 3): SeenMachines {
  const there = controlPlanes.slice(0, replicas).filter((part) => !gone.includes(part));
  const workers = workersOf(capacity);
  const node = (id: string): ClusterNode => ({ name: `node-${id}`, providerId: `aws:///a/i-${id}`, ready: unready[id] === undefined, changedAt: ago(unready[id] ?? 3600), controlPlane: id.startsWith('cp') });
  return {
    nodes: [...there, ...workers].filter((id) => !nodeless.includes(id)).map(node),
    controlPlanes: there.map((part) => ({ part, id: `i-${part}`, power: stopped.includes(part) ? 'off' as const : 'on' as const })),
    pools: [{ pool: 'general', group: 'demo-pool-general', minNodes: 4, maxNodes: 10, capacity, machines: workers.map((id) => ({ id: `i-${id}`, providerId: `aws:///a/i-${id}`, leaving: false })) }],
  };
}

function verdict(trouble: Trouble, { replicas = 3, percent = 40 }: { replicas?: 1 | 3; percent?: number } = {}): Verdict {
  const pool = { name: 'general', machineType: 'm7i.large', minNodes: 4, maxNodes: 10, diskGiB: 100, labels: {}, taints: [] };
  const spec = someSpec('demo', {
    nodePools: [pool], controlPlane: { replicas, machineType: 'm7i.large', etcdDiskGiB: 64 }, nodeHealth: { replace: true, unhealthyAfterSeconds: 300, maxUnhealthyPercent: percent, maxPerHour: 3 },
  });
  return verdictOn(spec, seen(trouble, replicas), now);
}

/** A verdict in short. */
function told(found: Verdict): unknown {
  switch (found.kind) {
    case 'well': return 'well';
    case 'waiting': return ['waiting', ...found.nodes];
    case 'replace': return ['replace', ...found.machines.map(({ part, machine, reason, hold }) => [part, machine, reason, hold].join(' '))];
    case 'stopped': return found.reason;
  }
}

describe('what is to be done about machines', () => {
  it.each<[string, Trouble, unknown]>([
    ['all are well', {}, 'well'],
    ['a control plane is gone', { gone: ['cp-2'] }, ['replace', 'cp-2  gone ']],
    ['a control plane does not run', { stopped: ['cp-3'] }, ['replace', 'cp-3 i-cp-3 stopped ']],
    ['a control plane has lost its node', { nodeless: ['cp-1'] }, ['replace', 'cp-1 i-cp-1 no-node ']],
    ['a node has not been Ready for long', { unready: { 'w-2': 300 } }, ['replace', 'pool-general i-w-2 not-ready 4']],
    ['one of each is not well', { gone: ['cp-1'], unready: { 'w-1': 900 } }, ['replace', 'cp-1  gone ', 'pool-general i-w-1 not-ready 4']],
    ['a pool is below its smallest number', { capacity: 3 }, ['replace', 'pool-general  gone 4']],
    ['a machine has just been started', { nodeless: ['w-4'] }, 'well'],
    ['a node is not Ready for a moment', { unready: { 'w-2': 299 } }, ['waiting', 'node-w-2']],
    ['a second one may follow', { unready: { 'w-2': 300, 'cp-1': 10 } }, ['waiting', 'node-cp-1']],
    ['half of a pool is not well', { unready: { 'w-1': 400, 'w-2': 400 } }, 'TooManyUnhealthy'],
    ['half of a pool is not well, and a control plane could be replaced', { gone: ['cp-1'], unready: { 'w-1': 400, 'w-2': 400 } }, 'TooManyUnhealthy'],
    ['a node and a machine of a pool are gone', { capacity: 3, unready: { 'w-1': 400 } }, 'TooManyUnhealthy'],
    ['two control planes are not well', { gone: ['cp-1'], unready: { 'cp-2': 400 } }, 'TooManyUnhealthy'],
  ])('when %s', (_what, trouble, expected) => {
    expect(told(verdict(trouble))).toEqual(expected);
  });

  it('takes no only control plane away, and none where the other would be no majority', () => {
    expect(told(verdict({ stopped: ['cp-1'] }, { replicas: 1 }))).toBe('NoQuorum');
  });

  it('goes by the share that the spec sets, and may always replace one', () => {
    expect(told(verdict({ unready: { 'w-1': 400, 'w-2': 400 } }, { percent: 50 }))).toEqual(['replace', 'pool-general i-w-1 not-ready 4', 'pool-general i-w-2 not-ready 4']);
    expect(told(verdict({ unready: { 'w-1': 400 } }, { percent: 1 }))).toEqual(['replace', 'pool-general i-w-1 not-ready 4']);
  });
});

describe('a machine that is about to be ended', () => {
  it('stays where its node is Ready again, and a control plane where another is not', () => {
    const why = (trouble: Trouble, machine: string, stopped = false): boolean => whyItStays(seen(trouble).nodes, { machine, controlPlane: machine.includes('cp'), stopped }) !== undefined;

    expect(why({ unready: { 'w-1': 400 } }, 'i-w-1')).toBe(false);
    expect(why({}, 'i-w-1')).toBe(true);
    expect(why({}, 'i-cp-1', true)).toBe(false);
    expect(why({ unready: { 'cp-1': 400 } }, 'i-cp-1')).toBe(false);
    expect(why({ unready: { 'cp-1': 400, 'cp-2': 1 } }, 'i-cp-1')).toBe(true);
    expect(why({ unready: { 'w-1': 400, 'cp-2': 1 } }, 'i-w-1')).toBe(false);
  });
});
