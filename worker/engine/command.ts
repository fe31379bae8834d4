import './lazy-modules.js';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { PulumiCommand } from '@pulumi/pulumi/automation/index.js';
import { SemVer } from 'semver';
import type { Engine } from './binary.js';
import { EngineCallError } from './call-error.js';

interface Result {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/** The largest answer of the CLI that is taken, in bytes: the export of a stack. */
const longestAnswer = 256 * 1024 * 1024;

/** An answer to a call of the CLI for which no process is needed, or undefined where one is. */
function answerFor(args: readonly string[]): string | undefined {
  const [noun, verb] = args;
  if (noun !== 'stack') return undefined;
  switch (verb) {
    // Every later call names its stack, so there is nothing to select.
    case 'select': return '';
    // After an operation the SDK asks for outputs (twice) and history: outputs are taken where the program makes them, history is not used.
    case 'output': return '{}';
    case 'history': return '[]';
    default: return undefined;
  }
}

/** The SDK means its class to be made by asking the engine for its version, which takes a quarter of a second; we know it. */
const Command = PulumiCommand as unknown as new (command: string, version: SemVer) => PulumiCommand;

/**
 * The engine's CLI as the Automation API calls it. Each call takes a quarter of a second, and a third more where the passphrase's key is
 * derived: calls whose answers are not used get no process, so that an `up` is one process instead of four.
 */
export class EngineCommand extends Command {
  /**
   * @param service the environment of every call; an operation's own is an allow-list already
   * @param halted no call begins after this signal, which interrupts none
   */
  constructor(engine: Engine, private readonly service: NodeJS.ProcessEnv = process.env, private readonly halted?: AbortSignal) {
    super(engine.command, new SemVer(engine.version));
  }

  /** What the SDK calls. @throws EngineCallError */
  async run(
    args: readonly string[], cwd: string, environment: Readonly<Record<string, string>>,
    _onOutput?: (text: string) => void, _onError?: (text: string) => void, signal?: AbortSignal,
  ): Promise<Result> {
    const answer = answerFor(args);
    if (answer !== undefined) return { stdout: answer, stderr: '', code: 0 };
    // Without `--no-select` each work directory would leave a file of its own under ~/.pulumi/workspaces.
    const initial = args[0] === 'stack' && args[1] === 'init';
    return this.call(initial ? [...args, '--no-select'] : args, cwd, environment, signal);
  }

  /**
   * Runs the CLI in any case, in the service's environment plus `environment`. The signal interrupts it once; the engine then ends in order.
   * Throws the signal's reason where it came before the call, and EngineCallError.
   */
  async call(args: readonly string[], cwd: string, environment: Readonly<Record<string, string>> = {}, signal?: AbortSignal): Promise<Result> {
    this.halted?.throwIfAborted();
    signal?.throwIfAborted();
    // The folder of the engine comes first on PATH, so that it finds the plugins that were installed with it.
    const PATH = [path.dirname(this.command), this.service['PATH'] ?? ''].join(path.delimiter);
    return new Promise((resolve, reject) => {
      const child = execFile(this.command, [...args, '--non-interactive'], {
        cwd, env: { ...this.service, ...environment, PATH, PULUMI_AUTOMATION_API: 'true' }, maxBuffer: longestAnswer, encoding: 'utf8',
      }, (error, stdout, stderr) => {
        signal?.removeEventListener('abort', interrupt);
        if (error) reject(new EngineCallError(typeof error.code === 'number' ? error.code : -1, stderr || error.message, error.signal ?? null));
        else resolve({ stdout, stderr, code: 0 });
      });
      const interrupt = (): void => void child.kill('SIGINT');
      child.stdin?.end();
      signal?.addEventListener('abort', interrupt, { once: true });
    });
  }
}
