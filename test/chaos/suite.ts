import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Round } from './plan.js';
import { Arena } from './round.js';

/** Runs rounds as tests of the `describe` around it, one after the other on one service. Only for vitest: `main.ts` must not load it. */
export function rounds(all: readonly Round[]): void {
  let arena: Arena;

  beforeAll(async () => {
    arena = await Arena.open();
  });

  afterAll(() => arena.close());

  it.each(all)('comes to its end with nothing lost, doubled or left: round $number, $job, $strike.kind', async (round) => {
    const result = await arena.run(round);
    expect(result.faults, `${result.hit}; ${result.jobs.join(', ')}`).toEqual([]);
  });
}
