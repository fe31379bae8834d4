import { describe, expect, it } from 'vitest';
import { nodeDurations, stepAt, timeline, type ClusterState, type MachineState } from '../../../sandbox/kubernetes/nodes/timeline.js';

const real = nodeDurations((seconds) => seconds * 1000);
const machine = (id: string, given: Partial<MachineState> = {}): MachineState => ({ id, role: 'control-plane', index: Number(id.at(-1)), runningAt: 0, joinedAt: undefined, lacks: undefined, ...given });
const worker = (id: string, given: Partial<MachineState> = {}): MachineState => machine(id, { role: 'worker', index: null, ...given });
const open: ClusterState = { initialisedAt: undefined, entry: { since: 0 } };

/** `step seconds` of each moment. */
function ways(cluster: ClusterState, machines: readonly MachineState[]): Record<string, string[]> {
  return Object.fromEntries([...timeline(cluster, machines, real)].map(([id, moments]) => [id, moments.map(({ step, at }) => `${step} ${at / 1000}`)]));
}

describe('the way of nodes into a cluster', () => {
  it('starts with the first control plane; the others join one after the other, workers together', () => {
    expect(ways(open, [machine('cp-3'), machine('cp-1'), machine('cp-2'), worker('w-1'), worker('w-2', { runningAt: 100_000 })])).toEqual({
      'cp-1': ['booted 25', 'packages 65', 'kubeadm 65', 'joined 105'],
      'cp-2': ['booted 25', 'packages 65', 'kubeadm 105', 'joined 130'],
      'cp-3': ['booted 25', 'packages 65', 'kubeadm 130', 'joined 155'],
      'w-1': ['booted 25', 'packages 65', 'kubeadm 105', 'joined 125'],
      'w-2': ['booted 125', 'packages 165', 'kubeadm 165', 'joined 185'],
    });
  });

  it('waits for a way in that comes late', () => {
    expect(ways({ ...open, entry: { since: 200_000 } }, [machine('cp-1'), worker('w-1')])).toEqual({
      'cp-1': ['booted 25', 'packages 65', 'kubeadm 200', 'joined 240'],
      'w-1': ['booted 25', 'packages 65', 'kubeadm 240', 'joined 260'],
    });
  });

  it('gives up after a while when there is no way in, and goes on when it is made', () => {
    const closed: ClusterState = { ...open, entry: { missing: 'no listener' } };
    expect(ways(closed, [machine('cp-1'), machine('cp-2'), worker('w-1')])).toEqual({
      'cp-1': ['booted 25', 'packages 65', 'failed 365'], 'cp-2': ['booted 25', 'packages 65'], 'w-1': ['booted 25', 'packages 65'],
    });
    expect(stepAt(timeline(closed, [machine('cp-1')], real).get('cp-1') ?? [], 400_000)).toEqual({ step: 'failed', at: 365_000, message: 'no listener' });
  });

  it('says which grant a machine lacks', () => {
    expect(ways(open, [machine('cp-1', { lacks: 'no ssm' }), machine('cp-2'), worker('w-1')])).toEqual({
      'cp-1': ['booted 25', 'packages 65', 'failed 65'], 'cp-2': ['booted 25', 'packages 65'], 'w-1': ['booted 25', 'packages 65'],
    });
  });

  it('keeps what has happened, and lets a later node join', () => {
    const up: ClusterState = { initialisedAt: 105_000, entry: { since: 0 } };
    expect(ways(up, [machine('cp-2', { joinedAt: 130_000 }), machine('cp-1', { runningAt: 500_000 }), worker('w-1', { joinedAt: 125_000 })])).toEqual({
      'cp-1': ['booted 525', 'packages 565', 'kubeadm 565', 'joined 590'],
      'cp-2': ['booted 25', 'packages 65', 'kubeadm 130', 'joined 130'],
      'w-1': ['booted 25', 'packages 65', 'kubeadm 105', 'joined 125'],
    });
  });

  it('takes no time without latency', () => {
    const moments = timeline(open, [machine('cp-1'), worker('w-1')], nodeDurations(() => 0));
    expect(stepAt(moments.get('cp-1') ?? [], 0)?.step).toBe('joined');
    expect(stepAt(moments.get('w-1') ?? [], 0)?.step).toBe('joined');
  });
});
