import { afterEach, describe, expect, it, vi } from 'vitest';
import type { WakeUp } from '../../../store/contract.js';
import { OutboxRelay } from '../../../store/outbox.js';

afterEach(() => void vi.useRealTimers());

/** An outbox in memory behind the relay's narrow view of the store. */
function setting(due: WakeUp[], reads = vi.fn()) {
  const store = {
    dueWakeUps: async (limit: number) => {
      reads();
      return due.slice(0, limit);
    },
    allWokenUp: async (wakeUps: readonly WakeUp[]) => {
      for (const wakeUp of wakeUps) due.splice(due.indexOf(wakeUp), 1);
    },
  };
  const added: unknown[] = [];
  const queue = { addBulk: async (jobs: readonly object[]) => void added.push(...jobs) as never };
  const log = { warn: vi.fn(), info: vi.fn() };
  return { relay: new OutboxRelay(store, { operations: queue, previews: queue }, log), added, reads, log, due };
}

describe('the relay', () => {
  it('carries ids only, under an id of its own per attempt', async () => {
    const { relay, added, due } = setting([{ jobId: 'A', attempt: 2, queue: 'operations' }, { jobId: 'B', attempt: 1, queue: 'previews' }]);
    relay.nudge();
    await relay.stop();
    expect(added).toEqual([
      { name: 'operations', data: { id: 'A', attempt: 2 }, opts: { jobId: 'A.2' } },
      { name: 'previews', data: { id: 'B', attempt: 1 }, opts: { jobId: 'B.1' } },
    ]);
    expect(due).toEqual([]);
  });

  it('empties a long outbox in batches', async () => {
    const { relay, added } = setting(Array.from({ length: 950 }, (_, index) => ({ jobId: `J${index}`, attempt: 1, queue: 'operations' as const })));
    relay.nudge();
    await relay.stop();
    expect(added).toHaveLength(950);
  });

  it('looks once more for any number of nudges during a sweep', async () => {
    const { relay, reads } = setting([]);
    for (let count = 0; count < 100; count++) relay.nudge();
    await vi.waitFor(() => expect(reads).toHaveBeenCalledTimes(2));
    await relay.stop();
    expect(reads).toHaveBeenCalledTimes(2);
  });

  it('sweeps every few seconds until it is stopped', async () => {
    vi.useFakeTimers();
    const { relay, reads } = setting([]);
    relay.start();
    relay.start();
    await vi.advanceTimersByTimeAsync(9_100);
    expect(reads).toHaveBeenCalledTimes(4);
    await relay.stop();
    await vi.advanceTimersByTimeAsync(10_000);
    relay.nudge();
    expect(reads).toHaveBeenCalledTimes(4);
  });
});
