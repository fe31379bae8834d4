import { setTimeout as wait } from 'node:timers/promises';

/** The first pause and the longest, in milliseconds: what is quick is seen at once, what takes minutes is asked for every few seconds. */
const firstPause = 100;
const longestPause = 5_000;

/** Looks again and again until `look` gives something. Pauses grow from a tenth of a second to five seconds. The signal ends it with an AbortError. */
export async function poll<T>(look: () => Promise<T | undefined>, signal: AbortSignal): Promise<T> {
  for (let pause = firstPause; ; pause = Math.min(longestPause, pause * 1.5)) {
    signal.throwIfAborted();
    const found = await look();
    if (found !== undefined) return found;
    await wait(pause, undefined, { signal });
  }
}

/** Like `poll`, with a limit of its own: `late` makes the error, knowing what is missing. */
export async function pollWithin<T>(limitMs: number, signal: AbortSignal, look: () => Promise<T | undefined>, late: () => Error): Promise<T> {
  const limit = AbortSignal.timeout(limitMs);
  try {
    return await poll(look, AbortSignal.any([signal, limit]));
  } catch (error) {
    if (limit.aborted && !signal.aborted && error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError')) throw late();
    throw error;
  }
}

/** Whether `look` says so within the limit. Only the signal, and what `look` throws, end it with an error. */
export async function holdsWithin(limitMs: number, signal: AbortSignal, look: () => Promise<boolean>): Promise<boolean> {
  const late = new Error('late');
  try {
    return await pollWithin(limitMs, signal, async () => ((await look()) ? true : undefined), () => late);
  } catch (error) {
    if (error === late) return false;
    throw error;
  }
}
