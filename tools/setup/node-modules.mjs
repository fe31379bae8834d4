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
 * The service's own libraries.
 * @param {import('./progress.mjs').Step} step
 */
export async function ensureNodeModules(step) {
  await ensureLibraries(step, root);
}

/**
 * What the Backstage plugins are built of and tested with: a package tree of its own, which the service does not need.
 * @param {import('./progress.mjs').Step} step
 */
export async function ensureBackstage(step) {
  await ensureLibraries(step, path.join(root, 'backstage'));
}

/** @param {import('./progress.mjs').Step} step @param {string} folder that has a package-lock.json */
async function ensureLibraries(step, folder) {
  if (await upToDate(folder)) return step.done('up to date', false);
  const place = createHash('sha256').update(folder).digest('hex').slice(0, 12);
  const waiting = () => step.say('another set-up installs into this checkout, waiting for it');
  await withLock(path.join(cacheFolder(), 'locks', `packages-${place}`), async () => {
    if (await upToDate(folder)) return step.done('installed by another set-up');
    await install(step, folder);
  }, waiting);
}

/** @param {import('./progress.mjs').Step} step @param {string} folder */
async function install(step, folder) {
  const lock = await readLock(path.join(folder, 'package-lock.json'));
  const count = Object.keys(lock?.packages ?? {}).length;
  step.update(`npm ci, ${count} packages`);
  const ticking = setInterval(() => step.update(`npm ci, ${count} packages`), 500);
  const result = await run('npm', ['ci', '--no-progress', '--loglevel=error'], { cwd: folder });
  clearInterval(ticking);
  if (result.code !== 0) {
    for (const line of result.tail) step.say(line);
    throw new SetupError('The libraries could not be installed: `npm ci` failed as shown above; it needs a reachable npm registry and write access to the checkout.');
  }
  step.done(`${count} packages installed`);
}

/** @param {string} folder */
async function upToDate(folder) {
  const [wanted, installed] = await Promise.all(['package-lock.json', 'node_modules/.package-lock.json'].map((file) => readLock(path.join(folder, file))));
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
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return undefined;
    throw error;
  }
}
