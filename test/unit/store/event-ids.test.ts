import { describe, expect, it } from 'vitest';
import { checkedId, compareIds, endsJob } from '../../../store/events.js';

describe('event ids', () => {
  it('are ordered by time, then by number, not as text', () => {
    const ids = ['9-0', '10-0', '10-2', '10-10', '1700000000000-0'];
    expect(ids.toSorted().toSorted(compareIds)).toEqual(ids);
    expect(compareIds('10-2', '10-2')).toBe(0);
  });

  it.each(['', '5', '$', '+', '-', '5-*', '1-2-3', '(1-2', '99999999999999999-0'])('are refused as %j', (id) => {
    expect(() => checkedId(id)).toThrow(expect.objectContaining({ code: 'invalid-parameter' }));
  });
});

describe('the end of a job', () => {
  const event = (state: 'running' | 'cancelling' | 'succeeded' | 'failed' | 'cancelled') =>
    ({ id: '1-0', at: '2026-01-01T00:00:00.000Z', event: { type: 'state', state, attempt: 1, error: null } }) as const;

  it('is told by the event of a finished state', () => {
    expect(['running', 'cancelling', 'succeeded', 'failed', 'cancelled'].filter((state) => endsJob(event(state as 'running')))).toEqual(['succeeded', 'failed', 'cancelled']);
  });
});
