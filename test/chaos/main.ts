import { parseArgs } from 'node:util';
import { roundOf } from './plan.js';
import { Report } from './report.js';
import { Arena, type RoundResult } from './round.js';
import { resourceTypes } from './types.js';

// `npm run chaos -- --rounds N [--seed S] [--report FILE] [--only NUMBER]`: rounds of jobs under fire, adding up in a report.
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' }, seed: { type: 'string', default: '1' }, report: { type: 'string', default: 'chaos-report.json' }, only: { type: 'string' },
  },
});
const seed = Number(values.seed);
const report = await Report.open(values.report, seed);
const types = await resourceTypes();
const first = values.only === undefined ? report.next : Number(values.only);
const last = values.only === undefined ? first + Number(values.rounds) - 1 : first;

let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => (stopping = true));

const arena = await Arena.open();
try {
  for (let number = first; number <= last && !stopping; number += 1) {
    const round = roundOf(seed, number, types);
    const result = await arena.run(round);
    await report.add(result);
    print(result);
    if (result.faults.length > 0) console.log(arena.output().split('\n').slice(-60).join('\n'));
  }
} finally {
  await arena.close();
}
const { failed } = report;
console.log(`${report.rounds} rounds of seed ${seed}, ${failed.length} failed${failed.length > 0 ? `: ${failed.map(({ number }) => number).join(', ')}` : ''}`);
process.exit(failed.length > 0 ? 1 : 0);

function print({ number, round: { job, phase, delayMs, strike }, hit, jobs, seconds, faults }: RoundResult): void {
  const what = 'type' in strike ? `${strike.kind} ${strike.type}` : `${strike.kind} in ${phase} + ${delayMs} ms`;
  console.log(`${faults.length === 0 ? 'ok  ' : 'FAIL'} ${String(number).padStart(4)} ${job}: ${what}; ${hit}; ${jobs.join(', ')}; ${seconds} s`);
  for (const fault of faults) console.log(`          ${fault}`);
}
