/** Redis: the server on PATH in a version we can use, else the system's package. The service runs its own instance of it. */
import { onPath, run } from './command.mjs';
import { SetupError } from './error.mjs';
import { shown } from './paths.mjs';

const oldest = '6.2';

/**
 * @typedef {object} Manager how a system installs Redis
 * @property {string} command
 * @property {boolean} needsRoot
 * @property {string[]} install
 * @property {string[]} [refresh] brings the package list up to date, when the package was not found
 */

/** @type {Manager[]} */
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
  const manager = managers.find((candidate) => onPath(candidate.command) !== undefined);
  if (manager === undefined) throw new SetupError(`${what}: install Redis with your system's package manager and run this again.`);
  const prefix = manager.needsRoot ? await rootPrefix() : [];
  if (prefix === undefined) {
    throw new SetupError(`${what}, and installing it needs root: run \`sudo ${manager.command} ${manager.install.join(' ')}\` and run this again.`);
  }
  await install(step, manager, prefix, what);

  const installed = await findRedis();
  if (installed === undefined || !isUsable(installed.version)) {
    const found = installed === undefined ? 'no redis-server on PATH' : installed.version;
    throw new SetupError(`${manager.command} installed Redis, but there is ${found}: put redis-server ${oldest} or newer on PATH and run this again.`);
  }
  step.done(`${installed.version} installed (${shown(installed.file)})`);
}

/**
 * @param {import('./progress.mjs').Step} step
 * @param {Manager} manager
 * @param {string[]} prefix
 * @param {string} reason
 */
async function install(step, manager, prefix, reason) {
  step.say(`${reason}; installing the system's package: ${manager.command} ${manager.install.join(' ')}`);
  /** @param {string[]} args */
  const call = async (args) => {
    const [command = manager.command, ...rest] = [...prefix, manager.command, ...args];
    const tick = () => step.update(`${manager.command} ${args[0]}`);
    const ticking = setInterval(tick, 500);
    const result = await run(command, rest, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
    clearInterval(ticking);
    return result;
  };
  let result = await call(manager.install);
  if (result.code !== 0 && manager.refresh !== undefined) {
    await call(manager.refresh);
    result = await call(manager.install);
  }
  if (result.code === 0) return;
  for (const line of result.tail) step.say(line);
  throw new SetupError(`Redis could not be installed: ${manager.command} failed as shown above; install redis-server ${oldest} or newer and run this again.`);
}

/**
 * What to put before a command that needs root: nothing for root, sudo where it asks nothing or can ask on a terminal.
 * sudo drops the environment, so the one variable that matters is given again.
 * @returns {Promise<string[] | undefined>} undefined when there is no way
 */
async function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  if (onPath('sudo') === undefined) return undefined;
  const sudo = ['sudo', 'env', 'DEBIAN_FRONTEND=noninteractive'];
  if ((await run('sudo', ['-n', 'true'])).code === 0) return sudo;
  return process.stdin.isTTY ? sudo : undefined;
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
