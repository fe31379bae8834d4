import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { newUid } from '../model/ids.js';
import { findEngine } from '../worker/engine/binary.js';
import type { BenchService } from './service.js';

/** A cluster that the bare script makes, in the sandbox of a service. */
export class BareCluster {
  readonly #uid = newUid();

  private constructor(private readonly service: BenchService, private readonly spec: object, private readonly slot: number, private readonly folder: string) {}

  static async of(service: BenchService, spec: object, slot: number): Promise<BareCluster> {
    return new BareCluster(service, spec, slot, await mkdtemp(path.join(tmpdir(), 'clusterwright-bare-')));
  }

  /** Runs the script in a process of its own; answers its time in milliseconds. The second run has nothing to change. */
  async run(): Promise<number> {
    const started = performance.now();
    const script = fileURLToPath(new URL('./bare/main.js', import.meta.url));
    const child = spawn(process.execPath, [script, this.service.home, JSON.stringify(this.spec), String(this.slot), this.#uid, this.folder], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, ...this.service.sandbox, PATH: `${path.dirname((await findEngine()).command)}:${process.env['PATH'] ?? ''}` },
    });
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`the bare script ended with ${code}`);
    return performance.now() - started;
  }

  /** Forgets the script's state. Its cluster stays in the sandbox. */
  async forget(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
