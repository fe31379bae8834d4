import { describe, expect, it } from 'vitest';
import { PhaseDurations, type PhaseSample } from '../../../api/metrics/phase-durations.js';
import type { JobRecord } from '../../../model/job.js';
import { job } from './records.js';

const since = new Date('2026-01-01T00:00:00.000Z');
const id = (index: number) => `01ARZ3NDEKTSV4RRFFQ6${String(index).padStart(6, '0')}`;

function running(index: number): JobRecord {
  return job({ id: id(index), state: 'running' });
}

function ended(index: number, seconds: number, from = since): JobRecord {
  const endedAt = new Date(from.getTime() + seconds * 1000).toISOString();
  const [first, ...rest] = job().phases;
  return job({ id: id(index), state: 'succeeded', endedAt, phases: first ? [{ ...first, state: 'succeeded', startedAt: from.toISOString(), endedAt }, ...rest] : [] });
}

/** Jobs in memory with the two reads that are needed. */
function shelf() {
  const jobs = new Map<string, JobRecord>();
  return {
    put: (record: JobRecord) => void jobs.set(record.id, record),
    getJob: (wanted: string) => Promise.resolve(jobs.get(wanted)),
    listJobs(_filter: object, { limit, cursor }: { limit: number; cursor?: string }) {
      const sorted = [...jobs.values()].sort((a, b) => b.id.localeCompare(a.id)).filter((record) => cursor === undefined || record.id < cursor);
      const items = sorted.slice(0, limit);
      return Promise.resolve({ items, nextCursor: sorted.length > limit ? items.at(-1)?.id ?? null : null });
    },
  };
}

async function taken(durations: PhaseDurations): Promise<PhaseSample[]> {
  const samples: PhaseSample[] = [];
  await durations.take((sample) => samples.push(sample));
  return samples;
}

describe('durations of phases', () => {
  it('count each job once, when it has ended', async () => {
    const store = shelf();
    const durations = new PhaseDurations(store, since, 0);
    store.put(running(1));
    expect(await taken(durations)).toEqual([]);
    store.put(ended(1, 7));
    expect(await taken(durations)).toEqual([{ kind: 'create', phase: 'preflight', state: 'succeeded', seconds: 7 }]);
    expect(await taken(durations)).toEqual([]);
  });

  it('leave out jobs that ended before', async () => {
    const store = shelf();
    store.put(ended(1, 7, new Date(since.getTime() - 60_000)));
    expect(await taken(new PhaseDurations(store, since, 0))).toEqual([]);
  });

  it('find a long job that thousands of newer ones have passed', async () => {
    const store = shelf();
    const durations = new PhaseDurations(store, since, 0);
    store.put(running(0));
    await taken(durations);
    for (let round = 0; round < 4; round += 1) {
      for (let index = 1; index <= 900; index += 1) store.put(ended(round * 900 + index, 1));
      expect(await taken(durations)).toHaveLength(900);
    }
    store.put(ended(0, 99));
    expect((await taken(durations)).map((sample) => sample.seconds)).toEqual([99]);
    expect(await taken(durations)).toEqual([]);
  });
});
