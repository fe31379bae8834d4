/**
 * The programs that nodes and the platform run, which the service itself does not need: tests read what clusters are given with them, and real sandbox nodes are made of them. In the
 * cache, from the official download, or built from their Go modules, in the releases that tools/kubernetes pins.
 */
import { constants, readFileSync, readdirSync } from 'node:fs';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { onPath } from './command.mjs';
import { SetupError } from './error.mjs';
import { goBuild } from './go-build.mjs';
import { downloadRelease } from './kubernetes-download.mjs';
import { withLock } from './lock.mjs';
import { cacheFolder, root, shown } from './paths.mjs';

const pins = path.join(root, 'tools', 'kubernetes');
const kubernetes = 'k8s.io/kubernetes';
/** What is pinned besides minors of Kubernetes: the module whose version counts, and how people call it. @type {Record<string, {module: string, title: string}>} */
const others = {
  alertmanager: { module: 'github.com/prometheus/alertmanager', title: 'Alertmanager' },
  containerd: { module: 'github.com/containerd/containerd/v2', title: 'containerd' },
  coredns: { module: 'github.com/coredns/coredns', title: 'CoreDNS' },
  etcd: { module: 'go.etcd.io/etcd/server/v3', title: 'etcd' },
  gatekeeper: { module: 'github.com/open-policy-agent/gatekeeper/v3', title: 'Gatekeeper\'s command line' },
  helm: { module: 'helm.sh/helm/v3', title: 'Helm' },
  kyverno: { module: 'github.com/kyverno/kyverno', title: 'Kyverno\'s command line' },
  prometheus: { module: 'github.com/prometheus/prometheus', title: 'Prometheus' },
  velero: { module: 'github.com/vmware-tanzu/velero', title: 'Velero' },
};

/** promtool without the clouds' clients, by which Prometheus finds what to ask: a quarter less to compile. @type {Record<string, string>} */
const buildTags = { prometheus: 'remove_all_sd' };

/**
 * @typedef {object} Release programs that are made together
 * @property {string} name folder below tools/kubernetes: a minor of Kubernetes, or one of `others`
 * @property {string} title as people call it, with the version
 * @property {string} version without a leading `v`
 * @property {readonly string[]} packages what is built
 * @property {readonly string[]} programs their names
 */

/** What is pinned. @returns {Release[]} */
export function pinnedReleases() {
  return readdirSync(pins).sort().map((name) => {
    const mod = readFileSync(path.join(pins, name, 'go.mod'), 'utf8');
    const module = others[name]?.module ?? kubernetes;
    const tag = mod.split('\n').map((line) => line.replace('require ', '').trim()).find((line) => line.startsWith(`${module} v`))?.split(' v')[1]?.split(' ')[0];
    const [, block, single] = /^tool (?:\(\n([^)]+)\)|(\S+)$)/m.exec(mod) ?? [];
    const packages = (block ?? single ?? '').split('\n').map((line) => line.trim()).filter((line) => line !== '');
    if (tag === undefined || packages.length === 0) throw new Error(`tools/kubernetes/${name}/go.mod pins no release of ${module}`);
    const version = name === 'prometheus' ? prometheusVersion(tag) : tag;
    return { name, version, packages, programs: packages.map(programOf), title: `${others[name]?.title ?? 'Kubernetes'} ${version}` };
  });
}

/**
 * Prometheus' module has another number than its release: v0.314.0 is 3.14.0. https://github.com/prometheus/prometheus/blob/main/RELEASE.md
 * @param {string} tag the module's
 */
export function prometheusVersion(tag) {
  const [, number, patch] = tag.split('.');
  return `${Math.floor(Number(number) / 100)}.${Number(number) % 100}.${patch}`;
}

/** Those that `npm test` runs apart from hosts. */
export function testReleases() {
  return pinnedReleases().filter(({ name }) => !['containerd', 'coredns', 'velero'].includes(name));
}

/** Those that the long tests run apart from hosts. */
export function longTestReleases() {
  return pinnedReleases().filter(({ name }) => ['1.35', 'etcd', 'velero'].includes(name));
}

/** Go names a program after its package's folder, and leaves a closing version out. @param {string} file */
function builtName(file) {
  return path.posix.basename(file.replace(/\/v\d+$/, ''));
}

/** Those that their releases call otherwise than Go does. @type {Record<string, string>} */
const releasedNames = { 'go.etcd.io/etcd/server/v3': 'etcd', 'github.com/kyverno/kyverno/cmd/cli/kubectl-kyverno': 'kyverno' };

/** @param {string} file */
function programOf(file) {
  return releasedNames[file] ?? builtName(file);
}

/** A release's folder in the cache. @param {Pick<Release, 'name' | 'version'>} release */
function cachedFolder({ name, version }) {
  return path.join(cacheFolder(), 'kubernetes', name in others ? `${name}-v${version}` : `v${version}`);
}

/**
 * Where a program of a release lies in the cache, whether or not it is there yet.
 * @param {Pick<Release, 'name' | 'version'>} release
 * @param {string} program
 */
export function cachedProgram(release, program) {
  return path.join(cachedFolder(release), program);
}

/**
 * @param {import('./progress.mjs').Step} step
 * @param {readonly Release[]} releases those that are needed
 */
export async function ensureKubernetes(step, releases) {
  let worked = false;
  for (const release of releases) {
    if (await isThere(release)) continue;
    worked = true;
    const folder = cachedFolder(release);
    await withLock(`${folder}.lock`, async () => {
      if (!(await isThere(release))) await make(release, folder, step);
    }, () => step.say(`another set-up makes ${release.name}, waiting for it`));
  }
  step.done(`${releases.map(({ title }) => title).join(', ')} (${shown(path.join(cacheFolder(), 'kubernetes'))})`, worked);
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
  const { title } = release;
  const refusal = await downloadRelease(release, staging, step);
  if (refusal !== undefined) {
    step.say(`no official download of ${title} (${refusal})`);
    if (onPath('go') === undefined) throw new SetupError(`${title} could not be downloaded and there is no Go to build it with: install Go (https://go.dev/dl/) or connect to the internet, and run this again.`);
    await goBuild({
      title, folder: path.join(pins, release.name), programs: release.packages, linkerFlags: linkerFlags(release), tags: buildTags[release.name], out: `${staging}/`, instead: 'connect to the internet, for the official download',
    }, step);
    await Promise.all(release.packages.filter((file) => builtName(file) !== programOf(file)).map((file) => rename(path.join(staging, builtName(file)), path.join(staging, programOf(file)))));
  }
  await rm(target, { recursive: true, force: true });
  await rename(staging, target);
}

/**
 * kubeadm takes its own version for the newest that it may install; containerd and Helm, asked for their versions, are taken for what they say. Velero's server takes port 8080 for a second place of metrics and has
 * no argument for that.
 * @param {Pick<Release, 'name' | 'version'>} release
 */
export function linkerFlags({ name, version }) {
  if (name === 'containerd') return `-s -w -X ${others['containerd']?.module}/version.Version=v${version}`;
  if (name === 'helm') return `-s -w -X ${others['helm']?.module}/internal/version.version=v${version}`;
  if (name === 'velero') return '-s -w -X sigs.k8s.io/controller-runtime/pkg/metrics/server.DefaultBindAddress=0';
  if (name in others) return '-s -w';
  const [major, minor] = version.split('.');
  const variables = { gitVersion: `v${version}`, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  return ['-s -w', ...Object.entries(variables).map(([variable, value]) => `-X k8s.io/component-base/version.${variable}=${value}`)].join(' ');
}
