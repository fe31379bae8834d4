import { setTimeout as delay } from 'node:timers/promises';

/** Something did not come true in time. */
export class WaitTimeout extends Error {
  override readonly name = 'WaitTimeout';
}

const firstPauseMs = 10;
const longestPauseMs = 500;

/**
 * Looks again and again, in growing pauses, until `look` answers undefined; what it answers otherwise says why it is not yet.
 * @throws WaitTimeout with the last reason; the signal's reason when cancelled.
 */
export async function waitUntil(look: () => Promise<string | undefined>, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const end = Date.now() + timeoutMs;
  for (let pause = firstPauseMs; ; pause = Math.min(pause * 1.5, longestPauseMs)) {
    const reason = await look();
    if (reason === undefined) return;
    if (Date.now() + pause > end) throw new WaitTimeout(`timed out after ${Math.round(timeoutMs / 1000)} s: ${reason}`);
    await delay(pause, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
