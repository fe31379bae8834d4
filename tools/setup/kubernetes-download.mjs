/** Kubernetes, etcd, containerd, CoreDNS, Helm, Prometheus, Alertmanager and the command lines of Kyverno and Gatekeeper as their projects release them, with the checksums that lie beside. */
import { createHash } from 'node:crypto';
import { chmod, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { run } from './command.mjs';
import { reason, save } from './download.mjs';

/** @typedef {{address: string, checksums: string, inArchive: readonly string[] | undefined}} Download what is fetched; `inArchive`: the files to take out, undefined for a program itself */

/**
 * @param {{name: string, version: string, programs: readonly string[]}} release
 * @param {string} architecture as Go names it
 * @returns {readonly Download[]}
 */
export function downloadsOf({ name, version, programs }, architecture) {
  const github = `https://github.com/${{ alertmanager: 'prometheus/alertmanager', containerd: 'containerd/containerd', coredns: 'coredns/coredns', etcd: 'etcd-io/etcd', gatekeeper: 'open-policy-agent/gatekeeper', kyverno: 'kyverno/kyverno', prometheus: 'prometheus/prometheus' }[name] ?? ''}/releases/download/v${version}`;
  switch (name) {
    case 'containerd':
      return [{ address: `${github}/containerd-${version}-linux-${architecture}.tar.gz`, checksums: `${github}/containerd-${version}-linux-${architecture}.tar.gz.sha256sum`, inArchive: programs.map((program) => `bin/${program}`) }];
    case 'coredns':
      return [{ address: `${github}/coredns_${version}_linux_${architecture}.tgz`, checksums: `${github}/coredns_${version}_linux_${architecture}.tgz.sha256`, inArchive: programs }];
    case 'etcd':
      return [{ address: `${github}/etcd-v${version}-linux-${architecture}.tar.gz`, checksums: `${github}/SHA256SUMS`, inArchive: programs.map((program) => `etcd-v${version}-linux-${architecture}/${program}`) }];
    case 'alertmanager':
    case 'prometheus': {
      const folder = `${name}-${version}.linux-${architecture}`;
      return [{ address: `${github}/${folder}.tar.gz`, checksums: `${github}/sha256sums.txt`, inArchive: programs.map((program) => `${folder}/${program}`) }];
    }
    case 'helm': {
      const address = `https://get.helm.sh/helm-v${version}-linux-${architecture}.tar.gz`;
      return [{ address, checksums: `${address}.sha256sum`, inArchive: programs.map((program) => `linux-${architecture}/${program}`) }];
    }
    case 'gatekeeper':
      return [{ address: `${github}/gator-v${version}-linux-${architecture}.tar.gz`, checksums: `${github}/sha256sums.txt`, inArchive: programs }];
    case 'kyverno': {
      const machine = architecture === 'amd64' ? 'x86_64' : architecture;
      return [{ address: `${github}/kyverno-cli_v${version}_linux_${machine}.tar.gz`, checksums: `${github}/checksums.txt`, inArchive: programs }];
    }
    default:
      return programs.map((program) => {
        const address = `https://dl.k8s.io/release/v${version}/bin/linux/${architecture}/${program}`;
        return { address, checksums: `${address}.sha256`, inArchive: undefined };
      });
  }
}

/**
 * @param {{name: string, version: string, programs: readonly string[]}} release
 * @param {string} folder where the programs are put
 * @param {import('./progress.mjs').Step} step
 * @returns {Promise<string | undefined>} why there is none; undefined when all programs are there, their checksums right
 */
export async function downloadRelease(release, folder, step) {
  const architecture = /** @type {Record<string, string>} */ ({ x64: 'amd64', arm64: 'arm64' })[process.arch];
  if (process.platform !== 'linux' || architecture === undefined) return `none for ${process.platform} ${process.arch}`;
  if (release.name === 'velero') return 'its plugin is released as an image only';
  try {
    for (const download of downloadsOf(release, architecture)) {
      const refusal = await fetchOne(download, folder, step);
      if (refusal !== undefined) return refusal;
    }
    await Promise.all(release.programs.map((program) => chmod(path.join(folder, program), 0o755)));
    return undefined;
  } catch (error) {
    return reason(error);
  }
}

/**
 * @param {Download} download
 * @param {string} folder
 * @param {import('./progress.mjs').Step} step
 * @returns {Promise<string | undefined>} what is wrong with it
 */
async function fetchOne({ address, checksums, inArchive }, folder, step) {
  const file = path.join(folder, path.posix.basename(address));
  step.update(`asking ${new URL(address).host}`);
  await save(checksums, `${file}.checksums`, step);
  await save(address, file, step);
  const sum = createHash('sha256').update(await readFile(file)).digest('hex');
  const known = (await readFile(`${file}.checksums`, 'utf8')).includes(sum);
  await rm(`${file}.checksums`);
  if (!known) return `the checksum of ${path.basename(file)} is wrong`;
  if (inArchive === undefined) return undefined;
  const levels = (inArchive[0] ?? '').split('/').length - 1;
  const { code, tail } = await run('tar', ['-xzf', file, '-C', folder, `--strip-components=${levels}`, '--no-same-owner', ...inArchive]);
  await rm(file);
  return code === 0 ? undefined : `tar: ${tail.at(-1) ?? `exit code ${code}`}`;
}
