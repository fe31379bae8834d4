/**
 * What real sandbox nodes are made of: a server's root file system, layers with containerd and Kubernetes over it, the same as packages, and a store with the images of a control plane.
 * Each is made once, and again when what it is made of changes.
 */
import { createHash } from 'node:crypto';
import { cp, link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { onPath, run } from './command.mjs';
import { SetupError } from './error.mjs';
import { cachedProgram, ensureKubernetes, pinnedReleases } from './kubernetes.mjs';
import { withLock } from './lock.mjs';
import { cacheFolder, root, shown } from './paths.mjs';
import { installPackage } from './system-package.mjs';

const sources = path.join(root, 'sandbox', 'hosts', 'image');
/** The releases of Kubernetes whose nodes' programs are all pinned: machines of each can run beside those of the others. */
const releases = pinnedReleases().filter(({ programs }) => programs.includes('kubelet'));
const besides = ['etcd', 'containerd', 'coredns', 'helm'];
const GiB = 2 ** 30;
const leastMemory = 6 * GiB;

/** What the machine itself needs, by the package that brings it. @type {Record<string, string>} */
const machineTools = { debootstrap: 'debootstrap', nft: 'nftables', ip: 'iproute2', losetup: 'mount', 'mkfs.ext4': 'e2fsprogs', jq: 'jq', gpg: 'gpg' };

/**
 * @typedef {object} HostImage
 * @property {readonly string[]} plain layers of a fresh server, the uppermost first
 * @property {Readonly<Record<string, readonly string[]>>} golden layers of one that has containerd and Kubernetes, by the release of that
 * @property {string} packages folder with what plain servers get containerd and Kubernetes from: a repository for apt
 * @property {string} store containerd's folder with the images of a control plane
 */

/**
 * Where everything lies in the cache, whether or not it is there yet.
 * @returns {Promise<HostImage>}
 */
export async function hostImage() {
  const base = keyed('base', [await readSource('base.sh'), await contents('files/base'), (await nodePackages()).join(' ')]);
  const machine = keyed('machine', [await contents('files/machine')]);
  const containerd = keyed('containerd', [pinned('containerd').version, await contents('files/containerd')]);
  const kubernetes = new Map(await Promise.all(releases.map(async ({ version }) => /** @type {const} */ ([version, keyed('kubernetes', [version, await contents('files/kubernetes')])]))));
  const packages = keyed('packages', [base, containerd, ...kubernetes.values(), await readSource('packages.sh')]);
  const store = keyed('store', [base, containerd, ...kubernetes.keys(), pinned('etcd').version, pinned('coredns').version, await readSource('store.sh'), await readSource('pause')]);
  const server = path.join(base, 'root');
  const golden = Object.fromEntries([...kubernetes].map(([version, layer]) => [version, [machine, layer, containerd, path.join(base, 'runc'), server]]));
  return { plain: [machine, server], golden, packages, store };
}

/** What this machine must be and have, before anything is built. @param {import('./progress.mjs').Step} step */
export async function ensureMachine(step) {
  const refusal = whyNoHosts();
  if (refusal !== undefined) throw new SetupError(refusal);
  let worked = false;
  for (const [program, name] of Object.entries(machineTools)) {
    if (onPath(program) !== undefined) continue;
    await installPackage(step, { title: name, wanted: name, reason: `no ${program} is on PATH, which real nodes need`, managers: [{ command: 'apt-get', needsRoot: true, install: ['install', '-y', '--no-install-recommends', name], refresh: ['update'] }] });
    worked = true;
  }
  step.done(Object.keys(machineTools).join(', '), worked);
}

/** The programs that hosts run. @param {import('./progress.mjs').Step} step */
export async function ensureHostPrograms(step) {
  await ensureKubernetes(step, [...releases, ...besides.map(pinned)]);
}

/** Everything that hosts are made of; their programs must be there. @param {import('./progress.mjs').Step} step */
export async function ensureHosts(step) {
  const image = await hostImage();
  const layers = releases.map((release) => ({ release, kubernetes: image.golden[release.version]?.[1] ?? '' }));
  const [machine = '', , containerd = '', runc = '', base = ''] = Object.values(image.golden)[0] ?? [];
  const { packages, store } = image;
  const made = [
    await once(path.dirname(base), step, async (folder) => script(step, 'base.sh', [folder, ...(await nodePackages())])),
    await once(machine, step, (folder) => cp(path.join(sources, 'files', 'machine'), folder, { recursive: true })),
    await once(containerd, step, (folder) => layer(folder, 'containerd', pinned('containerd'), ['containerd', 'containerd-shim-runc-v2', 'ctr'])),
    ...(await inTurn(layers, ({ release, kubernetes }) => once(kubernetes, step, (folder) => layer(folder, 'kubernetes', release, ['kubeadm', 'kubelet', 'kubectl'])))),
    await once(packages, step, async (folder) => {
      await inTurn(layers, ({ release: { name, version }, kubernetes }) => script(step, 'packages.sh', [folder, name, `${version}=${kubernetes}`, `${pinned('containerd').version}=${containerd}`, runc]));
    }),
    await once(store, step, async (folder) => {
      await inTurn(releases, (release) => inProgramsFolder(release, (programs) => script(step, 'store.sh', [folder, [containerd, runc, base].join(':'), programs, release.version])));
    }),
  ];
  await writeFile(path.join(hostsFolder(), 'images.json'), `${JSON.stringify(image, undefined, 2)}\n`);
  step.done(`Kubernetes ${releases.map(({ version }) => version).join(' and ')} on containerd ${pinned('containerd').version} (${shown(hostsFolder())})`, made.includes(true));
}

/** Why hosts cannot be on this machine, with what is needed and the way out; undefined where they can. @returns {string | undefined} */
export function whyNoHosts() {
  const needs = 'real nodes are namespaces of this machine';
  const way = 'with CLUSTERWRIGHT_SANDBOX_NODES=simulated nothing of this is needed';
  if (process.platform !== 'linux') return `${needs}, which must run Linux; it runs ${process.platform}: ${way}.`;
  if (process.getuid?.() !== 0) return `${needs} and only root may make them: run this as root; ${way}.`;
  if (os.totalmem() < leastMemory) return `${needs} and take 4 GiB beside what runs already; it has ${(os.totalmem() / GiB).toFixed(1)} GiB in all, and ${leastMemory / GiB} are needed: ${way}.`;
  return undefined;
}

function hostsFolder() {
  return path.join(cacheFolder(), 'hosts');
}

/** @param {string} name @returns {import('./kubernetes.mjs').Release} */
function pinned(name) {
  const release = pinnedReleases().find((candidate) => candidate.name === name);
  if (release === undefined) throw new Error(`tools/kubernetes pins no ${name}`);
  return release;
}

/** The packages that node templates ask for, so that golden images need no repository; and a shell for container images. */
async function nodePackages() {
  const templates = path.join(root, 'templates', 'nodes');
  const lists = await Promise.all(['files', 'aws', 'azure'].map(async (folder) => {
    const packages = path.join(templates, folder, 'etc', 'clusterwright', 'packages.d');
    const files = await readdir(packages).catch(() => []);
    return Promise.all(files.map((file) => readFile(path.join(packages, file), 'utf8')));
  }));
  return [...new Set([...lists.flat().join('\n').split('\n').filter((line) => line !== ''), 'busybox-static'])].sort();
}

/** A folder named by what it is made of. @param {string} name @param {readonly string[]} parts */
function keyed(name, parts) {
  return path.join(hostsFolder(), `${name}-${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12)}`);
}

/** @param {string} file */
function readSource(file) {
  return readFile(path.join(sources, file), 'utf8');
}

/** All files of a folder as one text. @param {string} folder */
async function contents(folder) {
  const entries = await readdir(path.join(sources, folder), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name)).sort();
  return JSON.stringify(await Promise.all(files.map(async (file) => [path.relative(sources, file), (await stat(file)).mode & 0o111, await readFile(file, 'utf8')])));
}

/**
 * Makes a folder beside its place and renames it there when it is whole.
 * @param {string} folder
 * @param {import('./progress.mjs').Step} step
 * @param {(draft: string) => Promise<void>} make
 * @returns {Promise<boolean>} whether there was anything to do
 */
async function once(folder, step, make) {
  const isThere = () => stat(folder).then(() => true, () => false);
  if (await isThere()) return false;
  await withLock(`${folder}.lock`, async () => {
    if (await isThere()) return;
    const draft = `${folder}.staging`;
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft, { recursive: true });
    await make(draft);
    await rename(draft, folder);
  }, () => step.say(`another set-up makes ${path.basename(folder)}, waiting for it`));
  return true;
}

/** @param {string} folder @param {string} files below sandbox/hosts/image/files @param {import('./kubernetes.mjs').Release} release @param {readonly string[]} programs */
async function layer(folder, files, release, programs) {
  await cp(path.join(sources, 'files', files), folder, { recursive: true });
  await mkdir(path.join(folder, 'usr', 'bin'), { recursive: true });
  for (const program of programs) await link(cachedProgram(release, program), path.join(folder, 'usr', 'bin', program));
}

/** All programs of a control plane in one folder, as long as they are needed. @param {import('./kubernetes.mjs').Release} release @param {(folder: string) => Promise<void>} use */
async function inProgramsFolder(release, use) {
  const folder = path.join(hostsFolder(), 'programs');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const made of [release, pinned('etcd'), pinned('coredns')]) for (const program of made.programs) await link(cachedProgram(made, program), path.join(folder, program));
  await use(folder);
  await rm(folder, { recursive: true });
}

/**
 * One after the other.
 * @template T, R
 * @param {readonly T[]} all
 * @param {(one: T) => Promise<R>} act
 * @returns {Promise<R[]>}
 */
async function inTurn(all, act) {
  const results = [];
  for (const one of all) results.push(await act(one));
  return results;
}

/** @param {import('./progress.mjs').Step} step @param {string} name @param {readonly string[]} args */
async function script(step, name, args) {
  let doing = name;
  const ticking = setInterval(() => step.update(doing), 500);
  const { code, tail } = await run(path.join(sources, name), [...args], {
    onLine: (line, stream) => {
      if (stream === 'stdout') doing = line;
    },
  });
  clearInterval(ticking);
  if (code === 0) return;
  for (const line of tail.slice(-15)) step.say(line);
  throw new SetupError(`${name} failed as shown above; real nodes need a machine whose packages come from a Debian or Ubuntu archive.`);
}
