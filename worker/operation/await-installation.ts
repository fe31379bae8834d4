import { setTimeout as wait } from 'node:timers/promises';
import { isClusterwrightError, type ErrorCode } from '../../model/errors.js';
import type { InstallationSecrets } from '../installation.js';

const tenMinutes = 10 * 60_000;
/** How often it is asked for, and how often told that it is waited for, in milliseconds. */
const askMs = 5_000;
const tellMs = 60_000;

/** What passes by itself. */
const passing: readonly ErrorCode[] = ['backend-unavailable', 'store-unavailable'];

/** How an operation waits for its beginning. */
export interface Waiting {
  /** Ends the wait with its reason. */
  readonly signal: AbortSignal;
  /** Told at the first failure and then once a minute, with what stands in the way. */
  readonly onWait: (reason: string) => void;
  /** How long it waits at most, in milliseconds; ten minutes unless given. */
  readonly patienceMs?: number;
}

/**
 * The installation as the backend has it; waits for a backend that does not answer, and throws when its patience is over what it said last. Throws at
 * once what will not pass: another backend, another key.
 */
export async function awaitInstallation(ask: () => Promise<InstallationSecrets>, { signal, onWait, patienceMs = tenMinutes }: Waiting): Promise<InstallationSecrets> {
  const deadline = Date.now() + patienceMs;
  for (let toldAt = -Infinity; ; ) {
    signal.throwIfAborted();
    try {
      return await ask();
    } catch (error) {
      if (!isClusterwrightError(error) || !passing.includes(error.code) || Date.now() >= deadline) throw error;
      if (Date.now() - toldAt >= tellMs) {
        toldAt = Date.now();
        onWait(error.message);
      }
    }
    await wait(askMs, undefined, { signal });
  }
}
