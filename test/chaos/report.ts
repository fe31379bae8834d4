import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { RoundResult } from './round.js';

const resultSchema = z.looseObject({ number: z.int(), faults: z.array(z.string()), seconds: z.number(), attempts: z.int(), jobs: z.array(z.string()), hit: z.string() });
const reportSchema = z.object({ seed: z.int(), results: z.array(resultSchema) });

/** The rounds of one seed, kept in a file that grows over many runs. */
export class Report {
  readonly #results = new Map<number, z.infer<typeof resultSchema>>();

  private constructor(private readonly file: string, readonly seed: number) {}

  /** Opens a report or begins a new one. Throws where the file is another seed's. */
  static async open(file: string, seed: number): Promise<Report> {
    const report = new Report(file, seed);
    if (existsSync(file)) {
      const found = reportSchema.parse(JSON.parse(await readFile(file, 'utf8')));
      if (found.seed !== seed) throw new Error(`${file} is the report of seed ${found.seed}; name another file, or go on with --seed ${found.seed}`);
      for (const result of found.results) report.#results.set(result.number, result);
    }
    return report;
  }

  /** The number of the next round: behind all that were run. */
  get next(): number {
    return Math.max(-1, ...this.#results.keys()) + 1;
  }

  get rounds(): number {
    return this.#results.size;
  }

  get failed(): readonly { number: number; faults: readonly string[] }[] {
    return [...this.#results.values()].filter(({ faults }) => faults.length > 0);
  }

  /** Adds a round and writes the file. */
  async add(result: RoundResult): Promise<void> {
    this.#results.set(result.number, { ...result, faults: [...result.faults], jobs: [...result.jobs] });
    await writeFile(`${this.file}.new`, JSON.stringify({ seed: this.seed, results: [...this.#results.values()] }, null, 1));
    await rename(`${this.file}.new`, this.file);
  }
}
