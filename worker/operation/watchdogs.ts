import { ClusterwrightError } from '../../model/errors.js';
import { phases as titles, type PhaseName } from '../../model/phases.js';
import { memoryOfSession } from '../processes.js';

/** What an operation may not go beyond. */
export interface Limits {
  /** How long the engine may say nothing, in milliseconds. */
  readonly stallMs: number;
  /** Memory of all its processes together, in bytes. */
  readonly memoryBytes: number;
}

/** Phases in which the engine works and tells of it. The others wait for machines, each with a limit of its own. */
const enginePhases: ReadonlySet<PhaseName> = new Set(['plan', 'refresh', 'infrastructure', 'platform', 'drop-platform', 'destroy-infrastructure']);

/** How often the watchdogs look, in milliseconds. */
const lookMs = 5_000;

/** Who is told of a fault, once each. */
export interface FaultListener {
  onStalled(error: ClusterwrightError): void;
  onOutOfMemory(error: ClusterwrightError): void;
}

/** Looks after one running operation: whether it still says something, and how much memory its processes have. */
export class Watchdogs {
  readonly #running = new Set<PhaseName>();
  #heardAt = Date.now();
  #timer: NodeJS.Timeout | undefined;
  #measuring = false;

  constructor(private readonly limits: Limits, private readonly session: () => number | undefined, private readonly listener: FaultListener) {}

  start(): void {
    this.#timer = setInterval(() => this.#look(), Math.min(lookMs, this.limits.stallMs));
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** The operation has said something. */
  heard(): void {
    this.#heardAt = Date.now();
  }

  /** A phase has begun or ended. */
  told(phase: PhaseName, running: boolean): void {
    if (running) this.#running.add(phase);
    else this.#running.delete(phase);
    this.heard();
  }

  #look(): void {
    this.#lookAtSilence();
    if (!this.#measuring) void this.#lookAtMemory();
  }

  #lookAtSilence(): void {
    // While a phase waits for machines, one beside it may wait for the same.
    const [phase, ...others] = this.#running;
    const silentMs = Date.now() - this.#heardAt;
    if (phase === undefined || ![phase, ...others].every((name) => enginePhases.has(name)) || silentMs < this.limits.stallMs) return;
    this.#running.clear();
    const minutes = Math.max(1, Math.round(silentMs / 60_000));
    this.listener.onStalled(new ClusterwrightError('operation-stalled', `In the phase "${titles[phase]}" nothing happened for ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`, { resource: phase }));
  }

  async #lookAtMemory(): Promise<void> {
    const session = this.session();
    if (session === undefined) return;
    this.#measuring = true;
    try {
      const bytes = await memoryOfSession(session);
      if (bytes <= this.limits.memoryBytes || this.#timer === undefined) return;
      this.stop();
      this.listener.onOutOfMemory(new ClusterwrightError('operation-out-of-memory', `The processes of the operation had ${mebibytes(bytes)} MiB together; ${mebibytes(this.limits.memoryBytes)} are allowed.`));
    } finally {
      this.#measuring = false;
    }
  }
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
