/** The libraries: `npm ci` when node_modules is not what package-lock.json says. */
import { readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { run } from './command.mjs';
import { SetupError } from './error.mjs';
import { withLock } from './lock.mjs';
import { cacheFolder, root } from './paths.mjs';

/**
 * @typedef {{version?: string, integrity?: string, optional?: boolean, link?: boolean}} LockedPackage
 * @typedef {{packages: Record<string, LockedPackage>}} LockFile
 */

/**
 * @param {import('./progress.mjs').Step} step
 */
export async function ensureNodeModules(step) {
  if (await upToDate()) return step.done('up to date', false);
  const checkout = createHash('sha256').update(root).digest('hex').slice(0, 12);
  const waiting = () => step.say('another set-up installs into this checkout, waiting for it');
  await withLock(path.join(cacheFolder(), 'locks', `packages-${checkout}`), async () => {
    if (await upToDate()) return step.done('installed by another set-up');
    await install(step);
  }, waiting);
}

/** @param {import('./progress.mjs').Step} step */
async function install(step) {
  const lock = await readLock('package-lock.json');
  const count = Object.keys(lock?.packages ?? {}).length;
  step.update(`npm ci, ${count} packages`);
  const ticking = setInterval(() => step.update(`npm ci, ${count} packages`), 500);
  const result = await run('npm', ['ci', '--no-progress', '--loglevel=error'], { cwd: root });
  clearInterval(ticking);
  if (result.code !== 0) {
    for (const line of result.tail) step.say(line);
    throw new SetupError('The libraries could not be installed: `npm ci` failed as shown above; it needs a reachable npm registry and write access to the checkout.');
  }
  step.done(`${count} packages installed`);
}

async function upToDate() {
  const [wanted, installed] = await Promise.all([readLock('package-lock.json'), readLock('node_modules/.package-lock.json')]);
  return wanted !== undefined && installed !== undefined && differences(wanted, installed).length === 0;
}

/**
 * The packages whose installed copy is not the locked one. npm writes node_modules/.package-lock.json at the end of a successful
 * installation, so an interrupted one counts as different. A package for another platform (optional) may be absent.
 * @param {LockFile} wanted
 * @param {LockFile} installed
 * @returns {string[]} their folders
 */
export function differences(wanted, installed) {
  const missing = Object.entries(wanted.packages).filter(([folder, locked]) => {
    if (folder === '') return false;
    const found = installed.packages[folder];
    if (found === undefined) return locked.optional !== true;
    return found.version !== locked.version || (found.integrity ?? locked.integrity) !== locked.integrity;
  });
  const surplus = Object.keys(installed.packages).filter((folder) => wanted.packages[folder] === undefined);
  return [...missing.map(([folder]) => folder), ...surplus];
}

/** @param {string} file @returns {Promise<LockFile | undefined>} */
async function readLock(file) {
  try {
    return JSON.parse(await readFile(path.join(root, file), 'utf8'));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return undefined;
    throw error;
  }
}
