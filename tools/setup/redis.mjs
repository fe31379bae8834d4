/** Redis: the server on PATH in a version we can use, else the system's package. The service runs its own instance of it. */
import { onPath, run } from './command.mjs';
import { SetupError } from './error.mjs';
import { shown } from './paths.mjs';
import { installPackage } from './system-package.mjs';

const oldest = '6.2';

/** @type {import('./system-package.mjs').Manager[]} */
export const managers = [
  {
    command: 'apt-get',
    needsRoot: true,
    install: ['install', '-y', '--no-install-recommends', 'redis-server'],
    refresh: ['update'],
  },
  { command: 'dnf', needsRoot: true, install: ['install', '-y', 'redis'] },
  { command: 'apk', needsRoot: true, install: ['add', '--no-cache', 'redis'] },
  { command: 'brew', needsRoot: false, install: ['install', 'redis'] },
];

/** @param {import('./progress.mjs').Step} step */
export async function ensureRedis(step) {
  const present = await findRedis();
  if (present !== undefined && isUsable(present.version)) return step.done(`${present.version} (${shown(present.file)})`, false);

  const what = present === undefined
    ? `redis-server ${oldest} or newer is not on PATH`
    : `redis-server ${oldest} or newer is needed, ${shown(present.file)} is ${present.version}`;
  const command = await installPackage(step, { title: 'Redis', wanted: `redis-server ${oldest} or newer`, reason: what, managers });

  const installed = await findRedis();
  if (installed === undefined || !isUsable(installed.version)) {
    const found = installed === undefined ? 'no redis-server on PATH' : installed.version;
    throw new SetupError(`${command} installed Redis, but there is ${found}: put redis-server ${oldest} or newer on PATH and run this again.`);
  }
  step.done(`${installed.version} installed (${shown(installed.file)})`);
}

async function findRedis() {
  const file = onPath('redis-server');
  if (file === undefined) return undefined;
  const { tail } = await run(file, ['--version']);
  return { file, version: parseVersion(tail.join('\n')) ?? 'of an unknown version' };
}

/**
 * The version in what `redis-server --version` prints.
 * @param {string} text
 * @returns {string | undefined}
 */
export function parseVersion(text) {
  return /\bv=(\d+\.\d+(?:\.\d+)?)/.exec(text)?.[1];
}

/**
 * Whether a Redis version is new enough.
 * @param {string} version
 */
export function isUsable(version) {
  const [major = NaN, minor = NaN] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldest.split('.').map(Number);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}
