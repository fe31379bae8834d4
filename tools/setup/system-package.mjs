/** Installing a package of the system, said before it is done. */
import { onPath, run } from './command.mjs';
import { SetupError } from './error.mjs';

/**
 * @typedef {object} Manager how a system installs a package
 * @property {string} command
 * @property {boolean} needsRoot
 * @property {string[]} install
 * @property {string[]} [refresh] brings the package list up to date, when the package was not found
 */

/**
 * Installs a program by the first package manager that is there.
 * @param {import('./progress.mjs').Step} step
 * @param {{title: string, wanted: string, reason: string, managers: readonly Manager[]}} what `title` names the program (`Redis`), `wanted` what is to be installed by hand
 *   (`redis-server 6.2 or newer`), `reason` why it is needed
 * @returns {Promise<string>} the manager's command
 * @throws {SetupError} with one sentence that says what to do
 */
export async function installPackage(step, { title, wanted, reason, managers }) {
  const manager = managers.find((candidate) => onPath(candidate.command) !== undefined);
  if (manager === undefined) throw new SetupError(`${reason}: install ${title} with your system's package manager and run this again.`);
  const prefix = manager.needsRoot ? await rootPrefix() : [];
  if (prefix === undefined) {
    throw new SetupError(`${reason}, and installing it needs root: run \`sudo ${manager.command} ${manager.install.join(' ')}\` and run this again.`);
  }
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
  if (result.code === 0) return manager.command;
  for (const line of result.tail) step.say(line);
  throw new SetupError(`${title} could not be installed: ${manager.command} failed as shown above; install ${wanted} and run this again.`);
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
