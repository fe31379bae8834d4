/** Fetching a file over HTTPS, with what is under way told. */
import { createWriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const connectTimeoutMs = 5_000;
const stallTimeoutMs = 30_000;
const MiB = 1024 * 1024;

/**
 * Saves what an address answers; throws where it answers anything but success, nothing in time, or stops in the middle.
 * @param {string} url
 * @param {string} file
 * @param {import('./progress.mjs').Step} step
 */
export async function save(url, file, step) {
  const abort = new AbortController();
  const giveUp = () => abort.abort(new Error('no answer in time'));
  let timer = setTimeout(giveUp, connectTimeoutMs);
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status}`);
    const total = Number(response.headers.get('content-length')) || undefined;
    let received = 0;
    const watch = new Transform({
      transform(/** @type {Buffer} */ chunk, _encoding, next) {
        clearTimeout(timer);
        timer = setTimeout(giveUp, stallTimeoutMs);
        received += chunk.length;
        step.update(`downloading, ${Math.round(received / MiB)} MiB`, total === undefined ? undefined : received / total);
        next(null, chunk);
      },
    });
    const body = /** @type {import('node:stream/web').ReadableStream} */ (response.body);
    await pipeline(Readable.fromWeb(body), watch, createWriteStream(file), { signal: abort.signal });
  } finally {
    clearTimeout(timer);
  }
}

/** Why a download failed, in a few words: fetch() says "fetch failed" and keeps the reason in the cause. @param {unknown} error */
export function reason(error) {
  if (!(error instanceof Error)) return String(error);
  const cause = /** @type {NodeJS.ErrnoException | undefined} */ (error.cause);
  return cause?.code ?? cause?.message ?? error.message;
}
