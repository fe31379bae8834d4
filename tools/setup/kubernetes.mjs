/**
 * The Kubernetes programs and the etcd that only the tests need: they read what nodes are given with the programs that nodes run. In the cache, from the official
 * download, or built from their Go modules, in the releases that tools/kubernetes pins.
 */
import { createHash } from 'node:crypto';
import { constants, readFileSync, readdirSync } from 'node:fs';
import { access, chmod, mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { onPath } from './command.mjs';
import { reason, save } from './download.mjs';
import { SetupError } from './error.mjs';
import { goBuild } from './go-build.mjs';
import { withLock } from './lock.mjs';
import { cacheFolder, root, shown } from './paths.mjs';

const pins = path.join(root, 'tools', 'kubernetes');
const kubernetes = 'k8s.io/kubernetes';
const etcd = 'go.etcd.io/etcd/server/v3';

/**
 * @typedef {object} Release programs that are made together
 * @property {string} name folder below tools/kubernetes: a minor of Kubernetes, or `etcd`
 * @property {string} version without a leading `v`
 * @property {readonly string[]} packages what is built
 * @property {readonly string[]} programs their names
 */

/** What is pinned. @returns {Release[]} */
export function pinnedReleases() {
  return readdirSync(pins).sort().map((name) => {
    const mod = readFileSync(path.join(pins, name, 'go.mod'), 'utf8');
    const module = name === 'etcd' ? etcd : kubernetes;
    const version = mod.split('\n').map((line) => line.replace('require ', '').trim()).find((line) => line.startsWith(`${module} v`))?.split(' v')[1]?.split(' ')[0];
    const packages = [...mod.matchAll(/^(?:tool |\t)(\S+)$/gm)].map((match) => match[1] ?? '').filter((line) => line.startsWith(module));
    if (version === undefined || packages.length === 0) throw new Error(`tools/kubernetes/${name}/go.mod pins no release of ${module}`);
    return { name, version, packages, programs: name === 'etcd' ? ['etcd'] : packages.map((file) => path.basename(file)) };
  });
}

/** A release's folder in the cache. @param {Pick<Release, 'name' | 'version'>} release */
function cachedFolder({ name, version }) {
  return path.join(cacheFolder(), 'kubernetes', name === 'etcd' ? `etcd-v${version}` : `v${version}`);
}

/**
 * Where a program of a release lies in the cache, whether or not it is there yet.
 * @param {Pick<Release, 'name' | 'version'>} release
 * @param {string} program
 */
export function cachedProgram(release, program) {
  return path.join(cachedFolder(release), program);
}

/** @param {import('./progress.mjs').Step} step */
export async function ensureKubernetes(step) {
  let worked = false;
  for (const release of pinnedReleases()) {
    if (await isThere(release)) continue;
    worked = true;
    const folder = cachedFolder(release);
    await withLock(`${folder}.lock`, async () => {
      if (!(await isThere(release))) await make(release, folder, step);
    }, () => step.say(`another set-up makes ${release.name}, waiting for it`));
  }
  const releases = pinnedReleases().map(({ name, version }) => (name === 'etcd' ? `etcd ${version}` : version));
  step.done(`${releases.join(', ')} (${shown(path.join(cacheFolder(), 'kubernetes'))})`, worked);
}

/** @param {Release} release */
async function isThere(release) {
  const found = await Promise.all(release.programs.map((program) => access(cachedProgram(release, program), constants.X_OK).then(() => true, () => false)));
  return found.every(Boolean);
}

/**
 * Makes all programs of a release beside the cache and renames the whole folder into it.
 * @param {Release} release
 * @param {string} target
 * @param {import('./progress.mjs').Step} step
 */
async function make(release, target, step) {
  const staging = `${target}.staging`;
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { recursive: true });
  const title = release.name === 'etcd' ? `etcd ${release.version}` : `Kubernetes ${release.version}`;
  const refusal = await download(release, staging, step);
  if (refusal !== undefined) {
    step.say(`no official download of ${title} (${refusal})`);
    if (onPath('go') === undefined) throw new SetupError(`${title} could not be downloaded and there is no Go to build it with: install Go (https://go.dev/dl/) or connect to the internet, and run this again.`);
    await goBuild({
      title, folder: path.join(pins, release.name), programs: release.packages, linkerFlags: linkerFlags(release), out: `${staging}/`, instead: 'connect to the internet, for the official download',
    }, step);
    // Go names a program after its package's folder, and leaves a closing version out.
    if (release.name === 'etcd') await rename(path.join(staging, 'server'), path.join(staging, 'etcd'));
  }
  await rm(target, { recursive: true, force: true });
  await rename(staging, target);
}

/**
 * kubeadm takes its own version for the newest that it may install.
 * @param {Pick<Release, 'name' | 'version'>} release
 */
export function linkerFlags({ name, version }) {
  if (name === 'etcd') return '-s -w';
  const [major, minor] = version.split('.');
  const variables = { gitVersion: `v${version}`, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  return ['-s -w', ...Object.entries(variables).map(([variable, value]) => `-X k8s.io/component-base/version.${variable}=${value}`)].join(' ');
}

/**
 * @param {Release} release
 * @param {string} folder
 * @param {import('./progress.mjs').Step} step
 * @returns {Promise<string | undefined>} why there is none; undefined when all programs are there, their checksums right
 */
async function download(release, folder, step) {
  const architecture = /** @type {Record<string, string>} */ ({ x64: 'amd64', arm64: 'arm64' })[process.arch];
  if (process.platform !== 'linux' || architecture === undefined) return `none for ${process.platform} ${process.arch}`;
  // etcd comes in an archive without a checksum of its own file; its build takes seconds.
  if (release.name === 'etcd') return 'built from its module everywhere';
  try {
    for (const program of release.programs) {
      const url = `https://dl.k8s.io/release/v${release.version}/bin/linux/${architecture}/${program}`;
      const file = path.join(folder, program);
      step.update(`asking ${new URL(url).host}`);
      await save(`${url}.sha256`, `${file}.sha256`, step);
      await save(url, file, step);
      const sum = createHash('sha256').update(await readFile(file)).digest('hex');
      if ((await readFile(`${file}.sha256`, 'utf8')).trim() !== sum) return `the checksum of ${program} is wrong`;
      await rm(`${file}.sha256`);
      await chmod(file, 0o755);
    }
    return undefined;
  } catch (error) {
    return reason(error);
  }
}
