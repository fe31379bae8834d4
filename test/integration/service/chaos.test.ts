import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { roundOf } from '../../chaos/plan.js';
import { Arena } from '../../chaos/round.js';
import { resourceTypes } from '../../chaos/types.js';

/** The short form of `npm run chaos`: two lives of a cluster, each of its jobs under fire. */
const seed = 7;
const rounds = [0, 1, 2, 3, 4, 5, 6, 7];

describe('a job under fire', async () => {
  const types = await resourceTypes();
  let arena: Arena;

  beforeAll(async () => {
    arena = await Arena.open();
  });

  afterAll(async () => {
    await arena.close();
  });

  it.each(rounds.map((number) => roundOf(seed, number, types)))('comes to its end with nothing lost, doubled or left: $job, $strike.kind', async (round) => {
    const cluster = `chaos-${Math.floor(round.number / 4)}`;
    await arena.prepare(round, cluster);
    const result = await arena.run(round, cluster);
    expect(result.faults, `${result.hit}; ${result.jobs.join(', ')}`).toEqual([]);
  });
});
