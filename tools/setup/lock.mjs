/**
 * A lock between processes of one machine: a file that names its holder. A holder that died is found out by its pid and start
 * time, so that a number used again does not keep the lock for ever.
 */
import { link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 200;
const takeoverLimitMs = 10_000;

/**
 * @typedef {object} Holder
 * @property {number} pid
 * @property {string | null} started start time in the kernel's own unit; null where it cannot be read
 */

/**
 * Runs a piece of work while holding the lock; waits as long as another living process holds it.
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @param {(holder: Holder) => void} [onWait] called once, when there is a wait
 * @returns {Promise<T>}
 */
export async function withLock(file, work, onWait) {
  await mkdir(path.dirname(file), { recursive: true });
  let told = false;
  while (!(await claim(file))) {
    const holder = await readHolder(file);
    if (holder === null) continue;
    if (!isAlive(holder)) {
      if (!(await removeStale(file))) await sleep(pollMs);
      continue;
    }
    if (!told) onWait?.(holder);
    told = true;
    await sleep(pollMs);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

/**
 * Whether the very process that a holder names still runs.
 * @param {Holder} holder
 */
export function isAlive(holder) {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
  return holder.started === null || holder.started === startTime(holder.pid);
}

/** Makes the lock with its content in one step: a hard link fails where the name is taken. @param {string} file */
async function claim(file) {
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, JSON.stringify({ pid: process.pid, started: startTime(process.pid) }));
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** @param {string} file @returns {Promise<Holder | null>} null when nobody holds it any more */
async function readHolder(file) {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return null;
    if (error instanceof SyntaxError) return { pid: 0, started: 'unreadable' };
    throw error;
  }
}

/**
 * Takes a dead holder's lock away. Two processes may see the same dead holder; the second must not take away what the first
 * has claimed meanwhile, so the look and the removal happen under a second claim.
 * @param {string} file
 * @returns {Promise<boolean>} false when another process is at it
 */
async function removeStale(file) {
  const takeover = `${file}.takeover`;
  if (!(await claim(takeover))) {
    const age = await stat(takeover).then((found) => Date.now() - found.mtimeMs, () => 0);
    if (age > takeoverLimitMs) await rm(takeover, { force: true });
    return false;
  }
  try {
    const holder = await readHolder(file);
    if (holder !== null && !isAlive(holder)) await rm(file, { force: true });
    return true;
  } finally {
    await rm(takeover, { force: true });
  }
}

/** Field 22 of /proc/PID/stat; the name in field 2 may hold spaces, so count from its closing bracket. @param {number} pid */
function startTime(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
