import type { ClusterwrightClient, Job } from '../../client/index.js';
import { exitCodes } from '../exit-codes.js';
import { CommandFailure } from '../failure.js';
import { formatDuration } from '../durations.js';
import { progress } from './progress.js';

/** How a job is watched. */
export interface WatchOptions {
  /** Where progress goes: bars on a terminal, lines elsewhere. */
  readonly stream: NodeJS.WriteStream;
  /** Aborts when the person at the terminal has enough. */
  readonly signal: AbortSignal;
  /** After how many milliseconds watching ends; without it, only with the job. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Shows what happens in a job until it has ended, and answers it, however it ended. A service that is away is waited for.
 * @throws CommandFailure when the time is over or the signal aborts: the job goes on, and the failure says how to watch it again
 */
export async function watchJob(client: ClusterwrightClient, id: string, { stream, signal, timeoutMs }: WatchOptions): Promise<Job> {
  const end = new AbortController();
  const stop = (): void => end.abort();
  signal.addEventListener('abort', stop, { once: true });
  const timer = timeoutMs === undefined ? undefined : setTimeout(stop, timeoutMs);
  const shown = progress(stream);
  let lost = false;
  try {
    return await client.watchJob(id, {
      signal: end.signal,
      onEvent: (event) => {
        if (lost) shown.note('the service answers again');
        lost = false;
        shown.show(event);
      },
      onInterruption: (cause) => {
        if (!lost) shown.note(`the connection is lost, the job goes on; trying again until the service is back (${cause instanceof Error ? cause.message : String(cause)})`);
        lost = true;
      },
    });
  } catch (error) {
    if (!end.signal.aborted) throw error;
    const goOn = `Watch it again with: clusterwright jobs watch ${id}`;
    if (signal.aborted) throw new CommandFailure(exitCodes.interrupted, `Interrupted; the job ${id} goes on.`, `${goOn}, or end it with: clusterwright cancel ${id}`);
    throw new CommandFailure(exitCodes.timedOut, `The job ${id} has not ended within ${formatDuration(timeoutMs ?? 0)}; it goes on.`, goOn);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    shown.end();
  }
}
