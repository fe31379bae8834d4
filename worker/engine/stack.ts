import './lazy-modules.js';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import { LocalWorkspace, Stack, type EngineEvent } from '@pulumi/pulumi/automation/index.js';
import type { StackPlan } from '../../model/plan.js';
import { projectName } from '../../model/names.js';
import type { StackRecord } from '../../programs/record.js';
import type { Program } from '../../programs/provider.js';
import { encryptionSettings, type Encryption } from './backend.js';
import { isStackMissing, isStackThere } from './call-error.js';
import type { EngineCommand } from './command.js';
import { DeviationReader, type Deviation } from './drift.js';
import { classify } from './errors.js';
import { EventReader, type EventSink } from './events.js';
import { isBookkeeping, readExport, rootUrn, type StackState } from './export.js';
import { readHistory, type StackUpdate } from './history.js';
import { PlanReader } from './plan.js';

/** How many resources the engine works on at once. The default depends on the machine (four times its cores). */
const parallel = 32;

const quiet = { color: 'never', suppressOutputs: true, suppressProgress: true, userAgent: 'clusterwright' } as const;

/** The options that every operation of the engine is given, and one such operation. */
type EngineOptions = typeof quiet & { readonly parallel: number; readonly signal: AbortSignal; readonly onEvent: (event: EngineEvent) => void };
type EngineCall = (stack: Stack, options: EngineOptions) => Promise<unknown>;

/** What a stack needs to be run. */
export interface StackOptions {
  /** A folder of this operation only; it is removed with the operation. */
  readonly workDir: string;
  /** The encryption of stacks that are made new; an existing stack keeps its own. */
  readonly encryption: Encryption;
  /** Project, where it is not the clusters'. */
  readonly project?: string;
  /** Variables beside those of the process: another backend for a preview. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What runs beside a call of the engine. */
export interface CallOptions {
  readonly sink: EventSink;
  readonly signal: AbortSignal;
}

/**
 * One stack, run by inline programs through the Automation API. Every method ends with an error of the registry when the engine fails.
 * The stack's name stands in every call, and its settings file is written anew each time: nothing hangs on what an earlier process selected.
 */
export class EngineStack {
  #encryption: Encryption;

  constructor(readonly name: string, private readonly command: EngineCommand, private readonly options: StackOptions) {
    this.#encryption = options.encryption;
  }

  /** Makes the stack. False when it exists already. */
  async create(): Promise<boolean> {
    const workspace = await this.#workspace();
    try {
      await workspace.createStack(this.name);
      return true;
    } catch (error) {
      if (isStackThere(error)) return false;
      throw classify(error, this.name);
    }
  }

  /** The state as the backend has it, secrets encrypted; undefined when there is no such stack. */
  async state(): Promise<StackState | undefined> {
    const state = await this.exported(readExport);
    this.#encryption = state?.encryption ?? this.#encryption;
    return state;
  }

  /** The cluster's record as the state has it: resolved spec, uid, slot; undefined when there is no such stack or record. */
  async record(): Promise<StackRecord | undefined> {
    return (await this.state())?.record;
  }

  /** What `read` makes of the exported state's text, secrets encrypted; undefined when there is no such stack. */
  async exported<T>(read: (text: string) => T): Promise<T | undefined> {
    try {
      return read((await this.#cli(['stack', 'export'])).stdout);
    } catch (error) {
      if (isStackMissing(error)) return undefined;
      throw classify(error, this.name);
    }
  }

  /** What the engine did last with the stack and how that ended; undefined where it has done nothing yet, or there is no such stack. */
  async lastUpdate(): Promise<StackUpdate | undefined> {
    try {
      const { stdout } = await this.#cli(['stack', 'history', '--json', '--full-dates', '--page-size', '1']);
      return readHistory(stdout)[0];
    } catch (error) {
      if (isStackMissing(error)) return undefined;
      throw classify(error, this.name);
    }
  }

  /** Outputs in clear, secrets included. One call of the CLI. */
  async outputsInClear(): Promise<unknown> {
    try {
      const { stdout } = await this.#cli(['stack', 'output', '--json', '--show-secrets']);
      return JSON.parse(stdout);
    } catch (error) {
      throw classify(error, this.name);
    }
  }

  /**
   * Runs the program and gives what it returned, resolved. The caller takes outputs from it by name. With `only`, all but the resources with these URNs
   * stay as they are.
   */
  async up(program: Program, { sink, signal }: CallOptions, only?: readonly string[]): Promise<Record<string, unknown>> {
    const reader = new EventReader(this.name, sink);
    const observed = observe(program, (declared) => reader.expect(declared));
    await this.#run(observed.program, reader, signal, (stack, options) => stack.up({ ...options, ...targeted(only) }));
    return observed.outputs();
  }

  /** What running the program would change. Takes no lock and writes nothing. */
  preview(program: Program, signal: AbortSignal): Promise<StackPlan> {
    return this.#plan(program, signal, (stack, options) => stack.preview(options));
  }

  /** What is other than the program has it, once every resource is read anew. Takes no lock and writes nothing. */
  async deviations(program: Program, signal: AbortSignal): Promise<Deviation[]> {
    const found = new DeviationReader();
    await this.#run(program, new EventReader(this.name, silence), signal, (stack, options) => stack.preview({ ...options, refresh: true, runProgram: true }), (event) => found.read(event));
    return found.deviations;
  }

  /**
   * Deletes every resource of the stack (`expected` of them), or those with the URNs `only` and what hangs on them, with the provider settings of the program rather than those of
   * the state. Where there is none the engine is not asked: the program's look-ups would wait for ever for a provider that is in no state.
   */
  async destroy(program: Program, expected: number, { sink, signal }: CallOptions, only?: readonly string[]): Promise<void> {
    if (expected === 0) return;
    await this.#run(program, new EventReader(this.name, sink, expected), signal, (stack, options) => stack.destroy({ ...options, runProgram: true, ...targeted(only), targetDependents: only !== undefined }));
  }

  /** Reads every resource of the stack from its cloud into the state, or those with these URNs `only`, with the provider settings of the program. */
  async refresh(program: Program, { sink, signal }: CallOptions, only?: readonly string[]): Promise<void> {
    await this.#run(program, new EventReader(this.name, sink), signal, (stack, options) => stack.refresh({ ...options, runProgram: true, ...targeted(only) }));
  }

  /** What a deletion would delete. Takes no lock and writes nothing. */
  previewDestroy(program: Program, signal: AbortSignal): Promise<StackPlan> {
    return this.#plan(program, signal, (stack, options) => stack.destroy({ ...options, previewOnly: true, runProgram: true }));
  }

  /** Drops what the state notes as being created. The engine does so on the way to a refresh, which is kept to the stack's root: nothing is read for it. */
  async clearPendingCreates(): Promise<void> {
    try {
      await this.#cli(['refresh', '--yes', '--skip-preview', '--clear-pending-creates', '--target', rootUrn(this.options.project ?? projectName, this.name)]);
    } catch (error) {
      throw classify(error, this.name);
    }
  }

  /** Removes the stack's lock. Only for one whose holder is known to be dead. */
  async unlock(): Promise<void> {
    try {
      await this.#cli(['cancel', '--yes']);
    } catch (error) {
      throw classify(error, this.name);
    }
  }

  /** Removes the stack. With `force` also one that still has resources: they are dropped from the state, not deleted. */
  async remove({ force }: { force: boolean }): Promise<void> {
    try {
      await this.#cli(['stack', 'rm', '--yes', ...(force ? ['--force'] : [])]);
    } catch (error) {
      if (!isStackMissing(error)) throw classify(error, this.name);
    }
  }

  /** Runs an operation of the engine that only looks, and collects what it would change. */
  async #plan(program: Program, signal: AbortSignal, call: EngineCall): Promise<StackPlan> {
    const plan = new PlanReader();
    await this.#run(program, new EventReader(this.name, silence), signal, call, (event) => plan.read(event));
    return plan.plan(this.name);
  }

  /** Runs an operation of the engine; its failure becomes an error of the registry with what the events told. */
  async #run(program: Program, reader: EventReader, signal: AbortSignal, call: EngineCall, onEvent: (event: EngineEvent) => void = () => undefined): Promise<void> {
    const stack = await this.#stack(program);
    try {
      await call(stack, {
        ...quiet, parallel, signal,
        onEvent: (event) => {
          reader.read(event);
          onEvent(event);
        },
      });
    } catch (error) {
      throw classify(error, this.name, reader.diagnosis);
    }
  }

  async #stack(program: Program): Promise<Stack> {
    const stack = await Stack.select(this.name, await this.#workspace(program));
    // After each operation the Automation API runs the CLI three times more for what nobody reads here: outputs come from the program, the last update from `lastUpdate`.
    return Object.assign(stack, { outputs: () => Promise.resolve({}), info: () => Promise.resolve(undefined) });
  }

  async #cli(args: readonly string[]): Promise<{ stdout: string }> {
    const { workDir } = await this.#workspace();
    return this.command.call([...args, '--stack', this.name], workDir, this.options.environment);
  }

  async #workspace(program?: Program): Promise<LocalWorkspace> {
    const workDir = path.join(this.options.workDir, this.name);
    await mkdir(workDir, { recursive: true });
    return LocalWorkspace.create({
      workDir,
      program,
      pulumiCommand: this.command,
      projectSettings: { name: this.options.project ?? projectName, runtime: 'nodejs' },
      stackSettings: { [this.name]: encryptionSettings(this.#encryption) },
      secretsProvider: this.#encryption.secretsProvider,
      envVars: { ...this.options.environment },
    });
  }
}

const silence: EventSink = { event: () => undefined, progress: () => undefined };

/** Wraps a program so that one sees how many resources it has declared, and what its outputs came to. */
function observe(program: Program, onDeclared: (total: number) => void): { program: Program; outputs(): Record<string, unknown> } {
  let outputs: Record<string, unknown> = {};
  return {
    program: async () => {
      let declared = 0;
      pulumi.runtime.registerStackTransformation(({ type }) => {
        if (!isBookkeeping(type)) onDeclared((declared += 1));
        return undefined;
      });
      const returned = await program();
      pulumi.output(returned).apply((resolved) => {
        outputs = resolved;
      });
      return returned;
    },
    outputs: () => outputs,
  };
}

/** The engine's option for work on a part of the stack. */
function targeted(only: readonly string[] | undefined): { target?: string[] } {
  return only === undefined ? {} : { target: [...only] };
}
