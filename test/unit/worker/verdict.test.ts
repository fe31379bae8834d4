import { describe, expect, it } from 'vitest';
import { ClusterwrightError } from '../../../model/errors.js';
import { jobError } from '../../../model/job.js';
import { claimedRecord, type OperationRecord } from '../../../worker/operation/record.js';
import { mostAttempts, verdictOf, type AttemptFacts } from '../../../worker/operation/verdict.js';
import { someCluster } from '../../support/records.js';

const nothing: AttemptFacts = { result: undefined, cancelled: false, forced: false, fault: undefined, stopping: false };
const broken = jobError(new ClusterwrightError('resource-failed', 'no capacity'));
const interrupted = { error: jobError(new ClusterwrightError('engine-failed', 'interrupted')), interrupted: true };

function record(attempt = 1): OperationRecord {
  const { cluster, job } = someCluster('demo');
  return claimedRecord({ ...job, state: 'running', attempt }, cluster);
}

describe('the verdict on an attempt', () => {
  it('is success whatever was wanted meanwhile', () => {
    const facts = { result: { error: null, interrupted: false }, cancelled: true, forced: true, fault: new ClusterwrightError('operation-stalled', ''), stopping: true };
    expect(verdictOf(record(), facts)).toMatchObject({ kind: 'end', error: null });
  });

  it('is the operation\'s error, also where a cancellation came too late to be its cause', () => {
    expect(verdictOf(record(), { ...nothing, result: { error: broken, interrupted: false }, cancelled: true })).toEqual({ kind: 'end', error: broken, cluster: 'failed' });
  });

  it('is cancelled after an interruption that was a cancellation', () => {
    expect(verdictOf(record(), { ...nothing, result: interrupted, cancelled: true })).toMatchObject({ kind: 'end', error: { code: 'cancelled' }, cluster: 'failed' });
    expect(verdictOf(record(), { ...nothing, result: interrupted, cancelled: true, stopping: true })).toMatchObject({ kind: 'end', error: { code: 'cancelled' } });
  });

  it('leaves a cluster in need of repair where a cancellation was forced', () => {
    expect(verdictOf(record(), { ...nothing, cancelled: true, forced: true })).toMatchObject({ kind: 'end', error: { code: 'cancelled' }, cluster: 'needs-repair' });
  });

  it('is the watchdog\'s fault, interrupted or killed', () => {
    const fault = new ClusterwrightError('operation-stalled', 'silence');
    for (const result of [interrupted, undefined]) expect(verdictOf(record(), { ...nothing, result, fault })).toMatchObject({ kind: 'end', error: { code: 'operation-stalled' }, cluster: 'failed' });
  });

  it('leaves the job to the next worker where this one stops, whatever error the stop brought up', () => {
    for (const result of [interrupted, undefined, { error: broken, interrupted: false }]) expect(verdictOf(record(), { ...nothing, result, stopping: true })).toEqual({ kind: 'release' });
    expect(verdictOf(record(mostAttempts), { ...nothing, stopping: true })).toEqual({ kind: 'release' });
  });

  it('runs a job again whose processes died, up to the last attempt', () => {
    for (let attempt = 1; attempt < mostAttempts; attempt += 1) expect(verdictOf(record(attempt), nothing)).toEqual({ kind: 'again' });
    expect(verdictOf(record(mostAttempts), nothing)).toMatchObject({ kind: 'end', error: { code: 'operation-crashed' }, cluster: 'needs-repair' });
  });
});
