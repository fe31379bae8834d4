/**
 * `node tools/run.mjs NAME [args]`: what the npm scripts call. Sets up what the command needs, silently where all is there, then
 * runs it. Entry points are loaded into this very process, so that signals, exit codes and a kill reach them as if they had been
 * started directly.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { lint } from './run/lint.mjs';
import { test } from './run/test.mjs';
import { whyNoHosts } from './setup/hosts.mjs';
import { root } from './setup/paths.mjs';
import { allSteps, exitWith, realNodeSteps, setUp, testSteps, wantsRealNodes } from './setup/steps.mjs';

/**
 * @typedef {object} Command
 * @property {readonly import('./setup/steps.mjs').StepName[]} needs
 * @property {boolean} [nodes] whether it starts a sandbox, whose nodes may be real
 * @property {string} [entry] file below dist/
 * @property {boolean} [whereCalled] whether paths in its arguments are seen from where npm was called, which runs scripts in the checkout
 * @property {(args: string[]) => Promise<number>} [run] a tool of the checkout; answers the exit code
 */

/** @type {Record<string, Command>} */
const commands = {
  demo: { needs: allSteps, nodes: true, entry: 'bin/demo.js' },
  start: { needs: allSteps, nodes: true, entry: 'bin/start.js' },
  api: { needs: ['packages', 'build'], entry: 'bin/api.js' },
  worker: { needs: ['packages', 'build', 'engine'], entry: 'bin/worker.js' },
  doctor: { needs: ['packages', 'build'], entry: 'bin/doctor.js' },
  ops: { needs: ['packages', 'build', 'engine'], entry: 'bin/ops.js' },
  rebuild: { needs: ['packages', 'build', 'engine'], entry: 'bin/rebuild.js' },
  cli: { needs: ['packages', 'build'], entry: 'cli/main.js', whereCalled: true },
  chaos: { needs: allSteps, entry: 'test/chaos/main.js' },
  bench: { needs: allSteps, entry: 'bench/main.js' },
  test: { needs: testSteps, run: (args) => test({ projects: ['unit', 'integration', 'real-nodes'], backstage: true }, args) },
  'test:long': { needs: [...allSteps, 'velero', ...(whyNoHosts() === undefined ? realNodeSteps : [])], run: (args) => test({ projects: ['long'] }, args) },
  lint: { needs: ['packages'], run: lint },
};

const [name = '', ...args] = process.argv.slice(2);
const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
if (command === undefined) {
  process.stderr.write(`usage: node tools/run.mjs ${Object.keys(commands).join('|')} [arguments]\n`);
  process.exit(2);
}

// A given REDIS_URL stands for the embedded Redis, so the package is not needed.
const needs = [...command.needs, ...(command.nodes && wantsRealNodes(args) ? realNodeSteps : [])].filter((step) => step !== 'redis' || command.run !== undefined || !process.env.REDIS_URL);
// Standard output belongs to the command.
await setUp(needs, { stream: process.stderr, quiet: true }).catch(exitWith);

if (command.run !== undefined) {
  process.exitCode = await command.run(args);
} else if (command.entry !== undefined) {
  if (command.whereCalled && process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
  await enter(path.join(root, 'dist', command.entry));
}

/** Goes on as `node FILE args` would. @param {string} file */
async function enter(file) {
  if (!existsSync(file)) {
    process.stderr.write(`${name}: there is no ${path.relative(root, file)}\n`);
    process.exit(1);
  }
  process.argv = [process.argv[0] ?? 'node', file, ...args];
  await import(pathToFileURL(file).href);
}
