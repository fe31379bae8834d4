import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { roundOf } from '../chaos/plan.js';
import { Arena } from '../chaos/round.js';
import { resourceTypes } from '../chaos/types.js';

/** Twelve lives of a cluster: each kind of job meets most kinds of strikes. `npm run chaos` goes on from here for as long as one likes. */
const seed = 42;
const rounds = Array.from({ length: 48 }, (_, number) => number);

describe('jobs under fire at length', async () => {
  const types = await resourceTypes();
  let arena: Arena;

  beforeAll(async () => {
    arena = await Arena.open();
  });

  afterAll(async () => {
    await arena.close();
  });

  it.each(rounds.map((number) => roundOf(seed, number, types)))('come to their end with nothing lost, doubled or left: round $number, $job, $strike.kind', async (round) => {
    const cluster = `chaos-${Math.floor(round.number / 4)}`;
    await arena.prepare(round, cluster);
    const result = await arena.run(round, cluster);
    expect(result.faults, `${result.hit}; ${result.jobs.join(', ')}`).toEqual([]);
  });
});
