/** Set-up in the order in which its steps need each other. */
import { ensureBrowser } from './browser.mjs';
import { buildDist } from './build.mjs';
import { ensureEngine } from './engine.mjs';
import { SetupError } from './error.mjs';
import { ensureHostPrograms, ensureHosts, ensureMachine, whyNoHosts } from './hosts.mjs';
import { ensureKubernetes, longTestReleases, testReleases } from './kubernetes.mjs';
import { ensureBackstage, ensureNodeModules } from './node-modules.mjs';
import { ensureNodeTools } from './node-tools.mjs';
import { createProgress } from './progress.mjs';
import { ensureRedis } from './redis.mjs';
import { ensureSchemathesis } from './schemathesis.mjs';

/** @typedef {'packages' | 'build' | 'redis' | 'engine' | 'browser' | 'schemathesis' | 'nodetools' | 'kubernetes' | 'velero' | 'backstage' | 'machine' | 'programs' | 'hosts'} StepName */

/** @type {Record<StepName, (step: import('./progress.mjs').Step) => Promise<void>>} */
const steps = {
  packages: ensureNodeModules, build: ensureBuild, redis: ensureRedis, engine: ensureEngine, browser: ensureBrowser, schemathesis: ensureSchemathesis, nodetools: ensureNodeTools, machine: ensureMachine, kubernetes: (step) => ensureKubernetes(step, testReleases()), velero: (step) => ensureKubernetes(step, longTestReleases()), backstage: ensureBackstage, programs: ensureHostPrograms,
  hosts: ensureHosts,
};

/**
 * Runs the named steps; each looks first and does nothing where all is there.
 * @param {readonly StepName[]} names in any order
 * @param {{stream: NodeJS.WriteStream, quiet: boolean}} options quiet: tell only of work done
 * @throws {SetupError} with one sentence that says what is missing
 */
export async function setUp(names, options) {
  const progress = createProgress(options.stream, { quiet: options.quiet });
  for (const [name, ensure] of /** @type {[StepName, typeof ensureBuild][]} */ (Object.entries(steps))) {
    if (names.includes(name)) await ensure(progress.step(name));
  }
}

/** What the service needs. @type {readonly StepName[]} */
export const allSteps = ['packages', 'build', 'redis', 'engine'];

/** What the sandbox needs beside, for nodes that are real. @type {readonly StepName[]} */
export const realNodeSteps = ['machine', 'programs', 'hosts'];

/** What its tests need beside. @type {readonly StepName[]} */
export const testSteps = [...allSteps, 'browser', 'schemathesis', 'nodetools', 'kubernetes', 'backstage', ...(whyNoHosts() === undefined || process.env.CLUSTERWRIGHT_NO_SKIP === '1' ? realNodeSteps : [])];

/**
 * Whether a command is about real nodes: by its arguments `--nodes real`, or the sandbox's setting.
 * @param {readonly string[]} args
 */
export function wantsRealNodes(args) {
  const at = args.indexOf('--nodes');
  if (at >= 0) return args[at + 1] === 'real';
  return args.includes('--nodes=real') || process.env.CLUSTERWRIGHT_SANDBOX_NODES === 'real';
}

/**
 * Ends the process with a set-up's one sentence; other errors go on.
 * @param {unknown} error
 * @returns {never}
 */
export function exitWith(error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`\n${error.message}\n`);
  process.exit(1);
}

/** @param {import('./progress.mjs').Step} step */
async function ensureBuild(step) {
  try {
    const { files, written, removed } = await buildDist();
    const worked = written + removed > 0;
    step.done(worked ? `${files} files in dist/, ${written} written, ${removed} removed` : `${files} files in dist/, up to date`, worked);
  } catch (error) {
    // esbuild has printed the places by itself.
    if (error instanceof Error && 'errors' in error) throw new SetupError('The sources could not be transpiled: mend the places shown above.');
    throw error;
  }
}
