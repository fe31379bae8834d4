/** A call of the engine's CLI that failed. Its text may hold what a program or provider printed: it is classified, never shown as it is. */
export class EngineCallError extends Error {
  constructor(
    readonly exitCode: number,
    /** What the CLI printed to standard error. */
    readonly stderr: string,
    /** The signal that ended it, where it was killed; null where it ended by itself. */
    readonly signal: NodeJS.Signals | null = null,
  ) {
    super(signal === null ? `the engine ended with exit code ${exitCode}` : `the engine was ended by ${signal}`);
    this.name = 'EngineCallError';
  }
}

/** Whether the stack that a call named does not exist. */
export function isStackMissing(error: unknown): boolean {
  return error instanceof EngineCallError && /no stack named .* found/.test(error.stderr);
}

/** Whether a stack that was to be made exists already. */
export function isStackThere(error: unknown): boolean {
  return error instanceof EngineCallError && /stack .*already exists/.test(error.stderr);
}

/** Whether another engine holds the stack's lock. */
export function isStackLocked(error: unknown): boolean {
  return error instanceof EngineCallError && /the stack is currently locked by|\[409\] Conflict: Another update is currently in progress/.test(error.stderr);
}
