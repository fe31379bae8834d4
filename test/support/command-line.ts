import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { packageRoot } from '../../worker/package-root.js';

/** The built program, as `npm install` links it. */
export const program = path.join(packageRoot(), 'dist/cli/main.js');

/** How a command ended, and what it printed. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. */
export interface RunningCommand {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Waits until standard error has it; throws with all that there is when the command has ended without. */
  says(text: string | RegExp): Promise<RegExpExecArray>;
}

/** The command line against one service, with a home of its own. It remembers all that is printed. */
export class CommandLine {
  private readonly printed: string[] = [];

  private constructor(readonly folder: string, private readonly environment: () => Record<string, string>) {}

  /** @param environment asked for with every command, since a service has its address when it runs */
  static async open(environment: () => Record<string, string>): Promise<CommandLine> {
    return new CommandLine(await mkdtemp(path.join(tmpdir(), 'clusterwright-cli-')), environment);
  }

  close(): Promise<void> {
    return rm(this.folder, { recursive: true });
  }

  /** Everything that its commands have printed. */
  output(): string {
    return this.printed.join('');
  }

  /** Variables that a command has. */
  variables(more: Record<string, string> = {}): Record<string, string> {
    return { PATH: process.env['PATH'] ?? '', HOME: this.folder, ...this.environment(), ...more };
  }

  /** Starts a command. @param options `input`: its standard input; nothing without it */
  start(args: readonly string[], options: { readonly env?: Record<string, string>; readonly input?: string } = {}): RunningCommand {
    return this.startProgram(process.execPath, [program, ...args], options);
  }

  /** Starts any program in the same surroundings. */
  startProgram(file: string, args: readonly string[], { env = {}, input }: { readonly env?: Record<string, string>; readonly input?: string } = {}): RunningCommand {
    const child = spawn(file, args, { cwd: this.folder, env: this.variables(env), stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
    const streams = { stdout: '', stderr: '' };
    const waiting = new Set<() => void>();
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.setEncoding('utf8').on('data', (text: string) => {
        streams[name] += text;
        this.printed.push(text);
        for (const look of waiting) look();
      });
    }
    if (input !== undefined) child.stdin?.end(input);
    const ended = new Promise<Ended>((resolve, reject) => {
      child.once('error', reject).once('close', (code) => { resolve({ code, ...streams }); });
    });
    return {
      process: child,
      ended,
      says: (text) => new Promise((resolve, reject) => {
        const pattern = typeof text === 'string' ? new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')) : text;
        const look = (): void => {
          const found = pattern.exec(streams.stderr);
          if (found === null) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
        void ended.then(({ code }) => { reject(new Error(`the command ended with ${code} and never said ${pattern.source}:\n${streams.stderr}`)); });
      }),
    };
  }

  /** Runs a command to its end. */
  run(args: readonly string[], options: { readonly env?: Record<string, string>; readonly input?: string } = {}): Promise<Ended> {
    return this.start(args, options).ended;
  }
}
