import { describe, expect, it } from 'vitest';
import { ClusterwrightError } from '../../../model/errors.js';
import { isFinished, jobError, jobStates, percentOf, phasesOf, type PhaseStatus } from '../../../model/job.js';
import { currentConditions } from '../../../model/cluster.js';

const create = (done: number, running = true): PhaseStatus[] => phasesOf.create.map((name, index) => ({
  name, state: index < done ? 'succeeded' : index === done && running ? 'running' : 'pending', startedAt: null, endedAt: null,
}));

describe('the percentage of a job', () => {
  it('never falls, and is 100 only when every phase is done', () => {
    const values = [percentOf(create(0), { done: 0, total: 0 }), percentOf(create(1), { done: 0, total: 100 }), percentOf(create(1), { done: 50, total: 100 }), percentOf(create(1), { done: 100, total: 100 }), percentOf(create(2), { done: 0, total: 0 }), percentOf(create(5), { done: 0, total: 0 })];
    expect(values).toEqual([...values].sort((a, b) => a - b));
    expect(values.at(-1)).toBeLessThan(100);
    expect(percentOf(create(6), { done: 0, total: 0 })).toBe(100);
  });
});

describe('the error of a job', () => {
  it('has the registry\'s title and hint, and the resource', () => {
    expect(jobError(new ClusterwrightError('resource-failed', 'no capacity', { resource: 'cp-1' }))).toEqual({
      code: 'resource-failed', title: 'A resource could not be provisioned', detail: 'no capacity', resource: 'cp-1', hint: expect.any(String), retryable: true,
    });
  });

  it('says nothing of an error that nobody foresaw: its text could hold anything', () => {
    const error = jobError(new Error('password=hunter2 at /home/x.js:1'));
    expect(error.code).toBe('internal-error');
    expect(JSON.stringify(error)).not.toContain('hunter2');
  });
});

describe('job states', () => {
  it('end in three of six', () => {
    expect(jobStates.filter(isFinished)).toEqual(['cancelled', 'succeeded', 'failed']);
  });
});

describe('conditions', () => {
  it('become Unknown when nobody has looked for three minutes', () => {
    const condition = { type: 'Reachable', status: 'True', reason: 'Answered', message: '', observedAt: '2026-01-01T00:00:00Z' } as const;
    expect(currentConditions([condition], new Date('2026-01-01T00:02:59Z'))).toEqual([condition]);
    expect(currentConditions([condition], new Date('2026-01-01T00:03:01Z'))).toMatchObject([{ status: 'Unknown', reason: 'Stale' }]);
  });
});
