import { describe, expect, it } from 'vitest';
import { ClusterwrightError } from '../../../model/errors.js';
import { jobError } from '../../../model/job.js';
import { applyMessage, cancelledError, claimedRecord, endedRecord, type OperationRecord } from '../../../worker/operation/record.js';
import { someCluster, someJob } from '../../support/records.js';

const at = new Date('2026-11-21T12:00:00.000Z');

function claimed(kind: 'create' | 'update' | 'delete' | 'preview' | 'cluster-drill'): OperationRecord {
  const { cluster } = someCluster('demo');
  return claimedRecord({ ...someJob(kind, cluster), state: 'running' }, kind === 'preview' ? undefined : cluster);
}

function after(record: OperationRecord, ...messages: Parameters<typeof applyMessage>[1][]): OperationRecord {
  return messages.reduce((current, message) => applyMessage(current, message, at).record, record);
}

describe('an operation\'s record', () => {
  it('shows the phase that runs, and says so in an event', () => {
    const { record, events } = applyMessage(claimed('create'), { type: 'phase', phase: 'preflight', state: 'running' }, at);
    expect(record.job).toMatchObject({ phase: 'preflight' });
    expect(record.job.phases[0]).toEqual({ name: 'preflight', state: 'running', startedAt: at.toISOString(), endedAt: null });
    expect(events).toEqual([{ type: 'phase', phase: 'preflight', state: 'running', title: 'Check the ground' }]);
  });

  it('counts the resources of one phase after the other, and its percentage never falls', () => {
    let record = after(claimed('create'), { type: 'phase', phase: 'infrastructure', state: 'running' }, { type: 'progress', done: 50, total: 60 });
    const before = record.job.progress.percent;
    record = after(record, { type: 'progress', done: 51, total: 120 });
    expect(record.job.progress.percent).toBe(before);
    record = after(record, { type: 'progress', done: 120, total: 120 }, { type: 'phase', phase: 'infrastructure', state: 'succeeded' }, { type: 'phase', phase: 'platform', state: 'running' }, { type: 'progress', done: 1, total: 10 });
    expect(record.job.progress.resources).toEqual({ done: 121, total: 130 });
    expect(record.job.progress.percent).toBeGreaterThan(before);
    expect(record.job.progress.percent).toBeLessThan(100);
  });

  it('shows the first of phases that run side by side, and the one that failed first once one has', () => {
    const both = after(claimed('create'), { type: 'phase', phase: 'nodes', state: 'running' }, { type: 'phase', phase: 'platform', state: 'running' });
    expect(both.job.phase).toBe('nodes');
    expect(after(both, { type: 'phase', phase: 'nodes', state: 'succeeded' }).job.phase).toBe('platform');
    expect(after(both, { type: 'phase', phase: 'platform', state: 'failed' }, { type: 'phase', phase: 'nodes', state: 'failed' }).job.phase).toBe('platform');
  });

  it('counts a phase that has ended beside another for what it is, not for the other one\'s resources', () => {
    const infrastructure = after(claimed('create'), { type: 'phase', phase: 'infrastructure', state: 'running' }, { type: 'progress', done: 120, total: 120 }, { type: 'phase', phase: 'infrastructure', state: 'succeeded' });
    const both = after(infrastructure, { type: 'phase', phase: 'nodes', state: 'running' }, { type: 'phase', phase: 'platform', state: 'running' }, { type: 'progress', done: 0, total: 40 });
    const before = both.job.progress.percent;
    expect(after(both, { type: 'phase', phase: 'nodes', state: 'succeeded' }).job.progress.percent - before).toBeLessThanOrEqual(10);
  });

  it('holds back what may wait', () => {
    expect(applyMessage(claimed('create'), { type: 'progress', done: 1, total: 2 }, at).urgent).toBe(false);
    expect(applyMessage(claimed('create'), { type: 'phase', phase: 'nodes', state: 'running' }, at).urgent).toBe(true);
  });

  it('ends ready with 100 percent', () => {
    expect(endedRecord(claimed('create'), null, at)).toMatchObject({ job: { state: 'succeeded', error: null, progress: { percent: 100 }, endedAt: at.toISOString() }, cluster: { state: 'ready' } });
  });

  it('ends with its cluster gone, where that was made for a drill and deleted, whatever the drill has found', () => {
    const failed = jobError(new ClusterwrightError('drill-failed', '3 objects are missing.'));
    expect(endedRecord(claimed('cluster-drill'), null, at)).toMatchObject({ job: { state: 'succeeded' }, cluster: 'gone' });
    expect(endedRecord(claimed('cluster-drill'), failed, at)).toMatchObject({ job: { state: 'failed', error: { code: 'drill-failed' } }, cluster: 'gone' });
    const removing = after(claimed('cluster-drill'), { type: 'phase', phase: 'drain', state: 'running' });
    expect(endedRecord(removing, jobError(new ClusterwrightError('deletion-incomplete', 'a disk is left')), at)).toMatchObject({ cluster: { state: 'failed', conditions: [{ type: 'DeletionIncomplete' }] } });
    expect(endedRecord(claimed('cluster-drill'), cancelledError(claimed('cluster-drill'), false), at)).toMatchObject({ job: { state: 'cancelled' }, cluster: { state: 'failed', conditions: [] } });
  });

  it('ends failed with the phase that failed and what was never reached', () => {
    const record = after(claimed('update'), { type: 'phase', phase: 'preflight', state: 'succeeded' }, { type: 'phase', phase: 'infrastructure', state: 'running' });
    const end = endedRecord(record, jobError(new ClusterwrightError('resource-failed', 'no')), at);
    expect(end).toMatchObject({ job: { state: 'failed', error: { code: 'resource-failed', detail: 'no' } }, cluster: { state: 'failed', conditions: [] } });
    expect(end.job.phases.map(({ state }) => state)).toEqual(['succeeded', 'failed', 'skipped', 'skipped', 'skipped', 'skipped']);
  });

  it('of a deletion removes the cluster, or says that it is incomplete', () => {
    expect(endedRecord(claimed('delete'), null, at).cluster).toBe('gone');
    expect(endedRecord(claimed('delete'), jobError(new ClusterwrightError('deletion-incomplete', 'two left')), at).cluster).toMatchObject({
      state: 'failed', conditions: [{ type: 'DeletionIncomplete', status: 'True', reason: 'DeletionIncomplete', message: 'two left' }],
    });
  });

  it('of a preview touches no cluster', () => {
    expect(endedRecord(claimed('preview'), null, at).cluster).toBeUndefined();
  });

  it('of another attempt begins anew, and its percentage does not fall', () => {
    const first = after(claimed('create'), { type: 'phase', phase: 'preflight', state: 'succeeded' }, { type: 'phase', phase: 'infrastructure', state: 'running' }, { type: 'progress', done: 60, total: 120 });
    const second = claimedRecord({ ...first.job, attempt: 2 }, first.cluster);
    expect(second.job.phases.map(({ state }) => state)).toEqual(['pending', 'pending', 'pending', 'pending', 'pending', 'pending']);
    expect(second.job.progress).toEqual({ percent: first.job.progress.percent, resources: { done: 0, total: 0 } });
  });

  it('of a cancelled job keeps how far it had come, and says what remains', () => {
    const first = after(claimed('create'), { type: 'phase', phase: 'preflight', state: 'succeeded' }, { type: 'phase', phase: 'infrastructure', state: 'running' }, { type: 'progress', done: 60, total: 120 });
    const second = claimedRecord({ ...first.job, attempt: 2, cancellation: { requestedAt: at.toISOString(), force: false } }, first.cluster);
    expect(second.job.phases).toEqual(first.job.phases);
    const error = cancelledError(second, false);
    expect(error).toMatchObject({ code: 'cancelled', detail: 'The job was cancelled in the phase "Provision the infrastructure", when 60 resources were done. What it has made stays until the cluster is changed, repaired or deleted.' });
    expect(endedRecord(second, error, at)).toMatchObject({ job: { state: 'cancelled', phases: [{ state: 'succeeded' }, { state: 'failed' }, { state: 'skipped' }, { state: 'skipped' }, { state: 'skipped' }, { state: 'skipped' }] }, cluster: { state: 'failed' } });
    expect(endedRecord(second, cancelledError(second, true), at, 'needs-repair')).toMatchObject({ job: { state: 'cancelled' }, cluster: { state: 'needs-repair' } });
  });

  it('of a cancelled deletion says that it is incomplete', () => {
    const record = claimed('delete');
    expect(endedRecord(record, cancelledError(record, false), at).cluster).toMatchObject({ state: 'failed', conditions: [{ type: 'DeletionIncomplete', reason: 'Cancelled' }] });
  });
});
