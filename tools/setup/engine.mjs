/**
 * The Pulumi engine in the pinned version: on PATH, in the cache, from the official download, or built from its Go module. What
 * is made is made beside the cache and renamed into it, under a lock, so that the cache only ever holds a whole engine.
 */
import { chmod, mkdir, readFile, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { onPath, run } from './command.mjs';
import { downloadEngine } from './engine-download.mjs';
import { buildEngine } from './engine-build.mjs';
import { SetupError } from './error.mjs';
import { withLock } from './lock.mjs';
import { cacheFolder, cachedEngine, pinnedEngine, shown } from './paths.mjs';

const stagingPrefix = '.staging-';

/**
 * The engine to use, or undefined when there is none in the pinned version.
 * @returns {Promise<string | undefined>} full path of the `pulumi` program
 */
export async function enginePath() {
  const version = pinnedEngine();
  for (const file of [onPath('pulumi'), cachedEngine(version)]) {
    if (file !== undefined && (await versionOf(file)) === version) return file;
  }
  return undefined;
}

/** @param {import('./progress.mjs').Step} step */
export async function ensureEngine(step) {
  const version = pinnedEngine();
  const present = await enginePath();
  if (present !== undefined) return step.done(`${version} (${shown(present)})`, false);

  const folder = path.join(cacheFolder(), 'pulumi');
  const waiting = () => step.say('another set-up makes the engine, waiting for it');
  await withLock(path.join(folder, `v${version}.lock`), async () => {
    if ((await enginePath()) !== undefined) return step.done(`${version} made by another set-up`);
    await clearStaging(folder);
    const staging = path.join(folder, `${stagingPrefix}${process.pid}`);
    const draft = path.join(staging, 'bin', 'pulumi');
    try {
      await mkdir(path.dirname(draft), { recursive: true });
      const how = await make(version, draft, step);
      await install(staging, path.dirname(path.dirname(cachedEngine(version))));
      step.done(`${version} ${how} (${shown(cachedEngine(version))})`);
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  }, waiting);
}

/**
 * @param {string} version
 * @param {string} draft where the program is to be put
 * @param {import('./progress.mjs').Step} step
 * @returns {Promise<string>} how it was made
 */
async function make(version, draft, step) {
  const refusal = await downloadEngine(version, draft, step);
  if (refusal === undefined) {
    await chmod(draft, 0o755);
    const found = await askVersion(draft);
    if (found === version) return 'downloaded';
    step.say(`the download says it is ${found ?? 'no engine at all'}, it is not used`);
  } else {
    step.say(`no official download (${refusal})`);
  }
  if (onPath('go') === undefined) {
    throw new SetupError(
      `The Pulumi engine ${version} could not be downloaded and there is no Go to build it with: install Pulumi ${version} or Go (https://go.dev/dl/), or connect to the internet, and run this again.`,
    );
  }
  await buildEngine(version, draft, step);
  const found = await askVersion(draft);
  if (found !== version) throw new SetupError(`The engine that Go built says it is ${found ?? 'no engine at all'}, not ${version}: compare tools/pulumi/go.mod with the pin in package.json.`);
  return 'built';
}

/**
 * Puts the finished folder into its place. A broken engine that stands there is moved away first.
 * @param {string} staging
 * @param {string} target
 */
async function install(staging, target) {
  const old = path.join(path.dirname(target), `${stagingPrefix}old-${process.pid}`);
  await rename(target, old).catch(ignoreMissing);
  await rename(staging, target);
  await rm(old, { recursive: true, force: true });
}

/** What killed set-ups left behind; called under the lock, so none of it is in use. @param {string} folder */
async function clearStaging(folder) {
  const left = (await readdir(folder)).filter((name) => name.startsWith(stagingPrefix));
  await Promise.all(left.map((name) => rm(path.join(folder, name), { recursive: true, force: true })));
}

/**
 * The version of an engine. Asking takes a fifth of a second, so the answer is kept in the cache until the file changes.
 * @param {string} file
 * @returns {Promise<string | undefined>}
 */
async function versionOf(file) {
  const real = await realpath(file).catch(ignoreMissing);
  if (real === undefined) return undefined;
  const { size, mtimeMs } = await stat(real);
  const stamp = path.join(cacheFolder(), 'pulumi', 'versions.json');
  /** @type {Record<string, {size: number, mtimeMs: number, version: string}>} */
  const known = await readFile(stamp, 'utf8').then((text) => JSON.parse(text)).catch(() => ({}));
  const entry = known[real];
  if (entry?.size === size && entry.mtimeMs === mtimeMs) return entry.version;
  const version = await askVersion(real);
  if (version === undefined) return undefined;
  await mkdir(path.dirname(stamp), { recursive: true });
  await writeFile(`${stamp}.${process.pid}`, `${JSON.stringify({ ...known, [real]: { size, mtimeMs, version } }, null, 2)}\n`);
  await rename(`${stamp}.${process.pid}`, stamp);
  return version;
}

/** @param {string} file @returns {Promise<string | undefined>} */
async function askVersion(file) {
  const { code, tail } = await run(file, ['version'], { env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: 'true' } });
  if (code !== 0) return undefined;
  return tail.map((line) => /^v(\d+\.\d+\.\d+\S*)$/.exec(line.trim())?.[1]).find((found) => found !== undefined);
}

/** @param {NodeJS.ErrnoException} error @returns {undefined} */
function ignoreMissing(error) {
  if (error.code !== 'ENOENT') throw error;
}
