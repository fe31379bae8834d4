/**
 * Where set-up looks and what it pins. The worker finds the engine by the same rule: `pulumi` on PATH in the pinned version,
 * else the cache.
 */
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's root folder. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/**
 * Where things outside the checkout are kept: `~/.cache/clusterwright`, or `CLUSTERWRIGHT_CACHE`.
 * @returns {string}
 */
export function cacheFolder() {
  return path.resolve(process.env.CLUSTERWRIGHT_CACHE || path.join(os.homedir(), '.cache', 'clusterwright'));
}

/**
 * The pinned version of the Pulumi engine, without a leading `v`, from package.json.
 * @returns {string}
 */
export function pinnedEngine() {
  /** @type {{clusterwright: {engine: string}}} */
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  return manifest.clusterwright.engine;
}

/**
 * Where the engine of a version lies in the cache, whether or not it is there yet.
 * @param {string} version
 */
export function cachedEngine(version) {
  return path.join(cacheFolder(), 'pulumi', `v${version}`, 'bin', 'pulumi');
}

/**
 * A path as people write it: the home folder as `~`.
 * @param {string} file
 */
export function shown(file) {
  const home = os.homedir() + path.sep;
  return file.startsWith(home) ? `~/${file.slice(home.length)}` : file;
}
