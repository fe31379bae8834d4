import { rmSync, utimesSync, writeFileSync } from 'node:fs';

/** How often the file is touched, in milliseconds. */
const everyMs = 5_000;

/**
 * Shows that this process' event loop turns, to whoever can look at files and at nothing else: the file is there while the process is ready, and is touched
 * every five seconds. Answers what takes it away.
 */
export function showLiveness(file: string): () => void {
  writeFileSync(file, `${process.pid}\n`);
  const timer = setInterval(() => utimesSync(file, new Date(), new Date()), everyMs).unref();
  return () => {
    clearInterval(timer);
    rmSync(file, { force: true });
  };
}
