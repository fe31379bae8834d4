import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** In the home: who can only look at files sees by it that a worker is alive. */
export const livenessFile = 'worker-alive';

/** How often the file is touched, and after which silence a worker is taken for dead, in milliseconds. */
const everyMs = 5_000;
export const longestSilenceMs = 60_000;

/**
 * Shows that this process' event loop turns: the file is there while the worker is ready, and is touched every five seconds. Answers what takes it away.
 */
export function showLiveness(home: string): () => void {
  const file = path.join(home, livenessFile);
  writeFileSync(file, `${process.pid}\n`);
  const timer = setInterval(() => utimesSync(file, new Date(), new Date()), everyMs).unref();
  return () => {
    clearInterval(timer);
    rmSync(file, { force: true });
  };
}
