/** `npm run lint`: all checks side by side, each reported by name; one that fails does not keep the others from running. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { run } from '../setup/command.mjs';
import { root } from '../setup/paths.mjs';
import { elapsed } from '../setup/progress.mjs';
import { checks, sourceFolders } from './checks.mjs';

/**
 * @returns {Promise<number>} exit code: 1 when any check failed
 */
export async function lint() {
  return (await runChecks()) === 0 ? 0 : 1;
}

/**
 * Runs the checks and prints what they found.
 * @returns {Promise<number>} how many failed
 */
export async function runChecks() {
  const folders = sourceFolders.filter((folder) => existsSync(path.join(root, folder)));
  const results = await Promise.all(checks(folders).map(runCheck));
  const failed = results.filter((passed) => !passed).length;
  process.stdout.write(failed === 0 ? `lint: ${results.length} checks passed\n` : `lint: ${failed} of ${results.length} checks failed\n`);
  return failed;
}

/**
 * @param {import('./checks.mjs').Check} check
 * @returns {Promise<boolean>} whether it passed
 */
async function runCheck(check) {
  const started = Date.now();
  /** @type {Record<'stdout' | 'stderr', string[]>} */
  const lines = { stdout: [], stderr: [] };
  const local = path.join(root, 'node_modules', '.bin', check.command);
  const { code } = await run(existsSync(local) ? local : check.command, check.args, {
    cwd: root,
    onLine: (line, stream) => void lines[stream].push(line),
  });
  const fault = check.judge === undefined ? (code === 0 ? undefined : `exit code ${code}`) : check.judge(lines.stdout.join('\n'));
  const took = elapsed(Date.now() - started);
  if (fault === undefined) {
    process.stdout.write(`lint: ${check.name} ok (${took})\n`);
    return true;
  }
  process.stdout.write(`${[...lines.stdout, ...lines.stderr].join('\n')}\nlint: ${check.name} failed: ${fault} (${took})\n`);
  return false;
}
