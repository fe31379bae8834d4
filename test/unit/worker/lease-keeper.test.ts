import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClusterwrightError } from '../../../model/errors.js';
import type { Cancellation } from '../../../model/job.js';
import { LeaseKeeper, leaseTimes } from '../../../worker/operation/lease-keeper.js';

const lease = { key: 'cluster:demo', token: 1, jobId: '01JD0000000000000000000000' };

describe('the keeper of a lease', () => {
  let heard: unknown[];
  let renewals: number;

  beforeEach(() => {
    vi.useFakeTimers();
    [heard, renewals] = [[], 0];
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  function keeper(renew: () => Promise<Cancellation | null>): LeaseKeeper {
    const store = { renew: () => ((renewals += 1), renew()) };
    return new LeaseKeeper(store, lease, { onRenewed: (cancellation) => heard.push(cancellation), onLost: (reason) => heard.push(reason) });
  }

  it('renews every two seconds and passes on what is wanted of the job', async () => {
    const cancellation = { requestedAt: '2026-11-21T12:00:00.000Z', force: false };
    keeper(() => Promise.resolve(renewals < 3 ? null : cancellation)).start();
    await vi.advanceTimersByTimeAsync(6_000);
    expect(heard).toEqual([null, null, cancellation]);
  });

  it('says once that another worker has the lease', async () => {
    keeper(() => Promise.reject(new ClusterwrightError('lease-lost', ''))).start();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(heard).toEqual(['another worker has the lease']);
    expect(renewals).toBe(1);
  });

  it('gives up five seconds before the lease ends while the store does not answer', async () => {
    keeper(() => Promise.reject(new ClusterwrightError('store-unavailable', ''))).start();
    await vi.advanceTimersByTimeAsync(leaseTimes.ttl - leaseTimes.margin - 1_001);
    expect(heard).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_001);
    expect(heard).toEqual(['the lease could not be renewed in time']);
  });

  it('tells nobody of an answer that it hears late: it was stopped meanwhile, and the lease may be another\'s', async () => {
    let answer: (cancellation: null) => void = () => undefined;
    keeper(() => new Promise((resolve) => (answer = resolve))).start();
    await vi.advanceTimersByTimeAsync(2_000);
    vi.setSystemTime(Date.now() + 20_000);
    answer(null);
    await vi.advanceTimersByTimeAsync(0);
    expect(heard).toEqual([]);
  });
});
