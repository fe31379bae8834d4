import { describe, expect, it } from 'vitest';
import { remainsOf, remainsSchema, type Remains } from '../../../api/views/remains.js';
import type { ClusterRecord } from '../../../model/cluster.js';
import { cancelledUnbegun, jobKinds, type JobRecord } from '../../../model/job.js';
import { cluster, job } from './records.js';

const at = '2026-01-01T00:00:00.000Z';
const id = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
const progress = { percent: 37, resources: { done: 41, total: 112 } };
const soft = { requestedAt: at, force: false };
const hard = { requestedAt: at, force: true };

const running = (change: Partial<JobRecord> = {}): JobRecord => job({ state: 'cancelling', phase: 'infrastructure', progress, cancellation: soft, ...change });
const unbegun = (change: Partial<JobRecord> = {}): JobRecord => job({ state: 'cancelled', cancellation: soft, ...cancelledUnbegun(change.kind ?? 'create', at), ...change });
const active = (change: Partial<ClusterRecord> = {}): ClusterRecord => cluster({ activeJob: id, ...change });
const calls = ({ next }: Remains): string[] => next.map(({ call }) => call);

describe('what remains of a cancelled job', () => {
  it('is told in the form that the docs have, for every kind', () => {
    for (const kind of jobKinds) {
      for (const remains of [remainsOf(running({ kind }), active()), remainsOf(unbegun({ kind }), cluster({ state: 'failed' })), remainsOf(running({ kind }), undefined)]) {
        expect(remainsSchema.parse(remains)).toEqual(remains);
        expect(remains.detail).toMatch(/^[A-Z0-9].*\.$/);
        expect(remains.next.length).toBeGreaterThan(0);
      }
    }
  });

  it('names what a running creation has done, and every way on', () => {
    expect(remainsOf(running(), active())).toEqual({
      clusterState: 'failed',
      detail: '41 of 112 resources have been dealt with (phase "Provision the infrastructure"). What exists stays, and costs, until the cluster is completed or deleted. What it is doing at this moment is finished first.',
      next: [
        { call: `POST /jobs/${id}/retry`, does: expect.any(String) },
        { call: 'POST /clusters/shop/repair', does: expect.any(String) },
        { call: 'DELETE /clusters/shop', does: expect.any(String) },
        { call: `POST /jobs/${id}/cancel {"force": true}`, does: expect.any(String) },
      ],
    });
  });

  it('has the cluster in doubt where the end is forced', () => {
    const remains = remainsOf(running({ cancellation: hard }), active());
    expect(remains.clusterState).toBe('needs-repair');
    expect(remains.detail).toContain('killed once the grace period has passed');
    expect(calls(remains)).not.toContain(`POST /jobs/${id}/cancel {"force": true}`);
  });

  it('says so when nothing has been dealt with yet', () => {
    expect(remainsOf(running({ progress: { percent: 0, resources: { done: 0, total: 0 } }, phase: 'preflight' }), active()).detail).toMatch(/^No resource has been dealt with yet\./);
  });

  it('tells a creation that never began from one that had been tried before', () => {
    const never = remainsOf(unbegun(), cluster({ state: 'failed' }));
    expect(never).toMatchObject({ clusterState: 'failed', detail: 'The job had not begun. Nothing of the cluster exists but its record.' });
    expect(calls(never)).not.toContain(`POST /jobs/${id}/cancel {"force": true}`);
    const intent = { change: 'create', retain: 'none', retryOf: '01ARZ3NDEKTSV4RRFFQ69G5FAW' } as const;
    expect(remainsOf(unbegun({ intent }), cluster({ state: 'failed' })).detail).toContain('What earlier tries made stays');
  });

  it('offers a repair after a deletion only while the platform is still held', () => {
    const begun = job({ kind: 'delete' });
    const beyond = begun.phases.map((phase) => (phase.name === 'drop-platform' ? { ...phase, state: 'succeeded' as const } : phase));
    const early = remainsOf(running({ kind: 'delete', phase: 'drain' }), active());
    const late = remainsOf(running({ kind: 'delete', phase: 'destroy-infrastructure', phases: beyond }), active());
    expect(calls(early)).toContain('POST /clusters/shop/repair');
    expect(calls(late)).not.toContain('POST /clusters/shop/repair');
    expect(late.detail).toContain('What was deleted is gone');
  });

  it('is a deletion where one waits', () => {
    const remains = remainsOf(running(), active({ nextJob: '01ARZ3NDEKTSV4RRFFQ69G5FAX' }));
    expect(remains).toMatchObject({ clusterState: 'deleting', next: [{ call: 'GET /jobs/01ARZ3NDEKTSV4RRFFQ69G5FAX' }] });
  });

  it('is the end of the running job where a waiting deletion was cancelled, which cannot be tried again', () => {
    const waited = unbegun({ kind: 'delete', id: '01ARZ3NDEKTSV4RRFFQ69G5FAX' });
    const remains = remainsOf(waited, active());
    expect(remains).toMatchObject({ clusterState: 'failed', detail: 'The job had not begun. What is there of the cluster stays.' });
    expect(calls(remains)).toEqual(['DELETE /clusters/shop', 'POST /clusters/shop/repair']);
  });

  it('is nothing where a preview was cancelled', () => {
    expect(remainsOf(running({ kind: 'preview' }), undefined)).toEqual({
      clusterState: null, detail: 'A preview changes nothing, so nothing remains of it.', next: [{ call: `POST /jobs/${id}/retry`, does: expect.any(String) }],
    });
  });
});
