import { describe, expect, it } from 'vitest';
import { bar, createProgress, elapsed } from '../../../tools/setup/progress.mjs';

function recorder(options: { quiet: boolean }) {
  const written: string[] = [];
  let time = 0;
  const progress = createProgress({ write: (text: string) => written.push(text) }, { ...options, now: () => time });
  return { step: progress.step('engine'), written, wait: (ms: number) => (time += ms) };
}

describe('set-up progress without a terminal', () => {
  it('prints a plain line at once and then every 15 seconds', () => {
    const { step, written, wait } = recorder({ quiet: false });

    step.update('compiling', 0);
    wait(5_000);
    step.update('compiling', 0.2);
    wait(10_000);
    step.update('compiling', 0.5);

    expect(written).toEqual(['engine    0 % compiling (0.0 s)\n', 'engine    50 % compiling (15.0 s)\n']);
  });

  it('says nothing of a step without work when quiet', () => {
    const { step, written } = recorder({ quiet: true });

    step.done('up to date', false);

    expect(written).toEqual([]);
  });

  it('tells work done even when quiet', () => {
    const { step, written, wait } = recorder({ quiet: true });

    wait(125_000);
    step.done('built');

    expect(written).toEqual(['engine    built (2 min 05 s)\n']);
  });
});

describe('progress figures', () => {
  it.each([
    [-1, 0],
    [0.5, 12],
    [1, 24],
    [7, 24],
  ])('a bar at %s is filled %s of 24', (fraction, full) => {
    expect(bar(fraction)).toBe('█'.repeat(full) + '░'.repeat(24 - full));
  });

  it.each([
    [840, '0.8 s'],
    [59_900, '59.9 s'],
    [60_000, '1 min 00 s'],
    [125_000, '2 min 05 s'],
  ])('%s ms reads %s', (ms, text) => {
    expect(elapsed(ms)).toBe(text);
  });
});
