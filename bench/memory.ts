import { readdir, readFile } from 'node:fs/promises';
import { median } from './statistics.js';

interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly command: string;
}

async function processes(): Promise<ProcessEntry[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const entries = await Promise.all(pids.map(async (pid): Promise<ProcessEntry[]> => {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (stat === undefined) return [];
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return [{ pid: Number(pid), parent: Number(fields[1]), group: Number(fields[2]), command: command.replaceAll('\0', ' ') }];
  }));
  return entries.flat();
}

/** Proportional set size of a process in MiB: shared pages count by share. 0 where it has just ended. */
async function memoryOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) / 1024;
}

/** Samples the memory of every running operation (its whole process group: guard, program, engine) until it is stopped. */
export class OperationMemory {
  private readonly peaks = new Map<number, number>();
  private timer: NodeJS.Timeout | undefined;

  start(): void {
    const sample = async (): Promise<void> => {
      const all = await processes();
      const groups = new Set(all.filter((entry) => entry.command.includes('guard.sh') && entry.pid === entry.group).map((entry) => entry.group));
      for (const group of groups) {
        const sizes = await Promise.all(all.filter((entry) => entry.group === group).map((entry) => memoryOf(entry.pid)));
        this.peaks.set(group, Math.max(this.peaks.get(group) ?? 0, sizes.reduce((sum, size) => sum + size, 0)));
      }
      this.timer = setTimeout(() => void sample(), 250);
    };
    void sample();
  }

  /** Ends the sampling; answers the peak of each operation in MiB. */
  stop(): number[] {
    clearTimeout(this.timer);
    return [...this.peaks.values()];
  }
}

/** The resident sets of some processes, sampled every second until it is stopped. */
export class ResidentMemory {
  readonly #samples = new Map<string, number[]>();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly processes: Readonly<Record<string, number>>) {}

  start(): void {
    this.#timer = setInterval(() => {
      for (const [name, pid] of Object.entries(this.processes)) void residentMiB(pid).then((size) => this.#samples.set(name, [...this.#samples.get(name) ?? [], size]));
    }, 1_000);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Medians in MiB of the second and of the last quarter of the time, for each process: the first one warms up. */
  growth(): { readonly process: string; readonly before: number; readonly after: number }[] {
    return [...this.#samples].map(([name, sizes]) => {
      const quarter = sizes.length / 4;
      return { process: name, before: median(sizes.slice(quarter, 2 * quarter)), after: median(sizes.slice(3 * quarter)) };
    });
  }
}

/** Resident set of a process in MiB. Throws where it has ended: a process of the service is not to. */
async function residentMiB(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) / 1024;
}
