/** Programs that read node files as a node would, which only the tests need. */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { onPath } from './command.mjs';
import { SetupError } from './error.mjs';
import { installPackage } from './system-package.mjs';

/** What each is for and the package that brings it, which is named alike on all systems. @type {Record<string, {package: string, reason: string}>} */
const tools = {
  'shellcheck': { package: 'shellcheck', reason: 'which reads the nodes\' scripts' },
  'cloud-init': { package: 'cloud-init', reason: 'which reads the nodes\' user data' },
  'systemd-analyze': { package: 'systemd', reason: 'which reads the nodes\' units' },
  'mkfs.ext4': { package: 'e2fsprogs', reason: 'which the script for etcd\'s disk calls' },
};

/** Where it stands, cloud-init does nothing when the machine boots. https://docs.cloud-init.io/en/latest/howto/disable_cloud_init.html */
const cloudInitOff = '/etc/cloud/cloud-init.disabled';

/**
 * Without one of them some tests fail and say so; all others can still run, so this is no reason to stop.
 * @param {import('./progress.mjs').Step} step
 */
export async function ensureNodeTools(step) {
  const missing = Object.keys(tools).filter((tool) => onPath(tool) === undefined);
  if (missing.length === 0) return step.done(Object.keys(tools).join(', '), false);
  /** @type {string[]} */
  const refusals = [];
  for (const tool of missing) refusals.push(...(await install(tool, step)));
  step.done(refusals.length === 0 ? `${missing.join(', ')} installed` : refusals.join(' '));
}

/** @param {string} tool @param {import('./progress.mjs').Step} step @returns {Promise<string[]>} why it could not be, if so */
async function install(tool, step) {
  const { package: name, reason } = /** @type {{package: string, reason: string}} */ (tools[tool]);
  try {
    if (tool === 'cloud-init' && !existsSync(cloudInitOff)) {
      step.say(`writing ${cloudInitOff}, so that cloud-init never sets this machine up`);
      await mkdir('/etc/cloud', { recursive: true });
      await writeFile(cloudInitOff, '');
    }
    await installPackage(step, {
      title: name, wanted: name, reason: `no ${tool} is on PATH, ${reason}`,
      managers: [
        { command: 'apt-get', needsRoot: true, install: ['install', '-y', '--no-install-recommends', name], refresh: ['update'] },
        { command: 'dnf', needsRoot: true, install: ['install', '-y', name] },
      ],
    });
    return [];
  } catch (error) {
    if (error instanceof SetupError) return [error.message];
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EACCES') return [`${name} is to be installed by root: run this again as root, or install it.`];
    throw error;
  }
}
