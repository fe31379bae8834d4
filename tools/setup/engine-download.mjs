/** The engine from the vendor's release archive. */
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { run } from './command.mjs';

const connectTimeoutMs = 5_000;
const stallTimeoutMs = 30_000;
const MiB = 1024 * 1024;

/**
 * The archive's address, as the Automation API's own installer builds it.
 * @param {string} version
 * @param {string} platform `process.platform`
 * @param {string} arch `process.arch`
 * @returns {string | undefined} undefined where there is no archive that we can unpack
 */
export function archiveUrl(version, platform, arch) {
  if (!['linux', 'darwin'].includes(platform) || !['x64', 'arm64'].includes(arch)) return undefined;
  return `https://get.pulumi.com/releases/sdk/pulumi-v${version}-${platform}-${arch}.tar.gz`;
}

/**
 * Downloads the archive and takes the engine out of it. The caller asks the result for its version.
 * @param {string} version
 * @param {string} draft where the program is to be put
 * @param {import('./progress.mjs').Step} step
 * @returns {Promise<string | undefined>} why there is none; undefined when it is there
 */
export async function downloadEngine(version, draft, step) {
  const url = archiveUrl(version, process.platform, process.arch);
  if (url === undefined) return `none for ${process.platform} ${process.arch}`;
  step.update(`asking ${new URL(url).host}`);
  const archive = `${draft}.tar.gz`;
  try {
    await save(url, archive, step);
    const { code, tail } = await run('tar', ['-xzf', archive, '-C', path.dirname(draft), '--strip-components=1', 'pulumi/pulumi']);
    return code === 0 ? undefined : `tar: ${tail.at(-1) ?? `exit code ${code}`}`;
  } catch (error) {
    return reason(error);
  } finally {
    await rm(archive, { force: true });
  }
}

/**
 * @param {string} url
 * @param {string} file
 * @param {import('./progress.mjs').Step} step
 */
async function save(url, file, step) {
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

/** fetch() says "fetch failed" and keeps the reason in the cause. @param {unknown} error */
function reason(error) {
  if (!(error instanceof Error)) return String(error);
  const cause = /** @type {NodeJS.ErrnoException | undefined} */ (error.cause);
  return cause?.code ?? cause?.message ?? error.message;
}
