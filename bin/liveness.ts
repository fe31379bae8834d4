import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Logger } from 'pino';

/** In the home: who can only look at files sees by it that a worker is alive. */
export const livenessFile = 'worker-alive';

/** How often the file is touched, and after which silence a worker is taken for dead, in milliseconds. */
const everyMs = 5_000;
export const longestSilenceMs = 60_000;

/**
 * Shows that this process' event loop turns: the file is there while the worker is ready, and is written anew every five seconds with its pid. Workers that share a home share the file:
 * it tells that one of them is alive. Answers what takes it away, where it is this process' own.
 */
export function showLiveness(home: string, log: Pick<Logger, 'warn'>): () => void {
  const file = path.join(home, livenessFile);
  const show = () => writeFileSync(file, `${process.pid}\n`);
  show();
  const timer = setInterval(() => {
    try {
      show();
    } catch (error) {
      // No reason to end what the worker does: whoever looks at the file's age ends it in order.
      log.warn({ err: error }, 'the file that shows that this worker is alive cannot be written');
    }
  }, everyMs).unref();
  return () => {
    clearInterval(timer);
    try {
      if (readFileSync(file, 'utf8') === `${process.pid}\n`) rmSync(file);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
  };
}
