import { defineConfig } from 'vitest/config';

/**
 * Four kinds of tests: `unit` needs no process and takes milliseconds; `integration` runs real Redis, engine and HTTP; `real-nodes` runs whole
 * kubeadm clusters and measures what happens to them; `long` is chaos and day two at length, outside `npm test`. The groups run one after the other, so that load from one does not slow the other's clocks.
 */
export default defineConfig({
  test: {
    // Operations in tests take memory rather than time: a third less of the engine's, for 80 MB more.
    env: { GOGC: '300' },
    reporters: ['default', './tools/run/tally-reporter.mjs'],
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 10_000, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['test/setup/dist.ts'],
          maxWorkers: 2,
          // Operations step back behind everything else on the machine: beside another file's engines, three jobs in a row take minutes on two cores.
          testTimeout: 600_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'real-nodes',
          include: ['test/real-nodes/**/*.test.ts'],
          globalSetup: ['test/setup/dist.ts'],
          maxWorkers: 1,
          testTimeout: 5 * 60_000,
          hookTimeout: 10 * 60_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'long',
          include: ['test/long/**/*.test.ts'],
          globalSetup: ['test/setup/dist.ts'],
          maxWorkers: 1,
          testTimeout: 30 * 60_000,
          hookTimeout: 5 * 60_000,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
