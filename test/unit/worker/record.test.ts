import { describe, expect, it } from 'vitest';
import { ClusterwrightError } from '../../../model/errors.js';
import { jobError } from '../../../model/job.js';
import { applyMessage, claimedRecord, endedRecord, type OperationRecord } from '../../../worker/operation/record.js';
import { someCluster, someJob } from '../../support/records.js';

const at = new Date('2026-11-21T12:00:00.000Z');

function claimed(kind: 'create' | 'update' | 'delete' | 'preview'): OperationRecord {
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

  it('holds back what may wait', () => {
    expect(applyMessage(claimed('create'), { type: 'progress', done: 1, total: 2 }, at).urgent).toBe(false);
    expect(applyMessage(claimed('create'), { type: 'phase', phase: 'nodes', state: 'running' }, at).urgent).toBe(true);
  });

  it('ends ready with 100 percent', () => {
    expect(endedRecord(claimed('create'), null, at)).toMatchObject({ job: { state: 'succeeded', error: null, progress: { percent: 100 }, endedAt: at.toISOString() }, cluster: { state: 'ready' } });
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
});
