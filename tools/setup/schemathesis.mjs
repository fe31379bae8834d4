/** schemathesis, which only the tests need: it sends whatever the OpenAPI document allows, and much that it does not. A Python program, in an environment of its own. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { onPath, run } from './command.mjs';
import { withLock } from './lock.mjs';
import { cacheFolder, root, shown } from './paths.mjs';

/** Every package with its version. */
const requirements = path.join(root, 'tools', 'schemathesis', 'requirements.txt');

/** What a test says that has to do without. */
export const whyNoSchemathesis = 'There is no schemathesis: install Python 3 with its modules venv and pip, and run "npm test" again, which sets it up.';

function folder() {
  return path.join(cacheFolder(), 'schemathesis', createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12));
}

/** The program, if it is set up. @returns {string | undefined} */
export function findSchemathesis() {
  const program = path.join(folder(), 'bin', 'schemathesis');
  return existsSync(program) ? program : undefined;
}

/**
 * Without it one test fails and says so; all others can still run, so this is no reason to stop.
 * @param {import('./progress.mjs').Step} step
 */
export async function ensureSchemathesis(step) {
  const target = folder();
  const done = () => findSchemathesis() !== undefined;
  if (done()) return step.done(shown(target), false);
  const python = onPath('python3');
  if (python === undefined) return step.done(whyNoSchemathesis);
  const why = await withLock(`${target}.lock`, async () => {
    if (done()) return undefined;
    step.say('installing schemathesis with pip into an environment of its own');
    await rm(target, { recursive: true, force: true });
    return install(python, target);
  });
  step.done(why ?? `installed (${shown(target)})`);
}

/** @param {string} python @param {string} target @returns {Promise<string | undefined>} why it could not be, if so */
async function install(python, target) {
  /** @type {[string, string[]][]} */
  const commands = [
    [python, ['-m', 'venv', target]],
    [path.join(target, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', '--requirement', requirements]],
  ];
  for (const [command, args] of commands) {
    let last = '';
    const { code } = await run(command, args, { cwd: root, onLine: (line) => { last = line; } });
    if (code === 0) continue;
    // Half an environment looks like a whole one.
    if (existsSync(target)) await rename(target, `${target}.failed`).then(() => rm(`${target}.failed`, { recursive: true, force: true }));
    return `${whyNoSchemathesis} (${last})`;
  }
  return undefined;
}
