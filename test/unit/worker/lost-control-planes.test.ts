import { describe, expect, it } from 'vitest';
import type { NodeStep } from '../../../model/rendezvous.js';
import { machinesLeft } from '../../../worker/operation/lost-control-planes.js';

const machines = [1, 2, 3].map((index) => ({ name: `demo-cp-${index}`, id: `/machines/CP-${index}`, address: `10.0.0.${index}`, zone: 'a' }));
const step = (index: number, what: NodeStep['step'], at = '2026-11-29T10:00:00Z'): NodeStep => ({ node: `node-${index}`, role: 'control-plane', pool: null, index, step: what, at, message: null });
const joined = [1, 2, 3].map((index) => step(index, 'joined'));
const names = (there: readonly string[], steps = joined) => machinesLeft(machines, there, steps).map(({ name }) => name);

describe('control planes that are left', () => {
  it('are those whose machine the cloud has, however it writes its id', () => {
    expect(names(['/machines/cp-2', '/machines/CP-3'])).toEqual(['demo-cp-2', 'demo-cp-3']);
    expect(names([])).toEqual([]);
  });

  it('are those of which nobody knows, since what they had told is lost', () => {
    expect(names(['/machines/cp-2'], [])).toEqual(['demo-cp-2']);
  });

  it('are not those that wait for others to join', () => {
    expect(names(machines.map(({ id }) => id), [step(1, 'kubeadm'), ...joined.slice(1), step(2, 'failed', '2026-11-29T11:00:00Z')])).toEqual(['demo-cp-3']);
  });
});
