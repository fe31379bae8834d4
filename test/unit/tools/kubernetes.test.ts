import { describe, expect, it } from 'vitest';
import { kubernetesReleases } from '../../../model/spec.js';
import { downloadsOf } from '../../../tools/setup/kubernetes-download.mjs';
import { cachedProgram, linkerFlags, pinnedReleases, prometheusVersion } from '../../../tools/setup/kubernetes.mjs';

const pinned = pinnedReleases();
const others = ['alertmanager', 'containerd', 'coredns', 'etcd', 'gatekeeper', 'helm', 'kyverno', 'prometheus', 'velero'];

describe('pinned Kubernetes programs', () => {
  it('are those of the releases that clusters get, and one of each program that goes with them', () => {
    expect(Object.fromEntries(pinned.filter(({ name }) => !others.includes(name)).map(({ name, version }) => [name, version]))).toEqual(kubernetesReleases);
    expect(Object.fromEntries(pinned.filter(({ name }) => others.includes(name)).map(({ name, programs }) => [name, programs]))).toEqual({
      alertmanager: ['amtool'], containerd: ['containerd', 'containerd-shim-runc-v2', 'ctr'], coredns: ['coredns'], etcd: ['etcdctl', 'etcdutl', 'etcd'], gatekeeper: ['gator'], helm: ['helm'], kyverno: ['kyverno'], prometheus: ['promtool'], velero: ['velero-plugin-for-aws', 'velero'],
    });
  });

  it('are called by their own names and versions', () => {
    expect(pinned.find(({ name }) => name === '1.35')?.title).toBe(`Kubernetes ${kubernetesReleases['1.35']}`);
    expect(pinned.find(({ name }) => name === 'helm')?.title).toMatch(/^Helm 3\.\d+\.\d+$/);
    expect(pinned.find(({ name }) => name === 'prometheus')?.title).toMatch(/^Prometheus 3\.\d+\.\d+$/);
    expect(pinned.find(({ name }) => name === 'kyverno')?.title).toMatch(/^Kyverno's command line 1\.\d+\.\d+$/);
    expect([prometheusVersion('0.314.0'), prometheusVersion('0.305.1')]).toEqual(['3.14.0', '3.5.1']);
  });

  it('have a folder of the cache for each release', () => {
    expect(cachedProgram({ name: '1.35', version: '1.35.4' }, 'kubeadm')).toMatch(/\/kubernetes\/v1\.35\.4\/kubeadm$/);
    expect(cachedProgram({ name: 'etcd', version: '3.6.16' }, 'etcd')).toMatch(/\/kubernetes\/etcd-v3\.6\.16\/etcd$/);
  });

  it('know their version, by which kubeadm tells what it may install', () => {
    expect(linkerFlags({ name: '1.35', version: '1.35.4' })).toContain('-X k8s.io/component-base/version.gitVersion=v1.35.4');
    expect(linkerFlags({ name: 'helm', version: '3.22.0' })).toContain('-X helm.sh/helm/v3/internal/version.version=v3.22.0');
    expect(linkerFlags({ name: 'etcd', version: '3.6.16' })).toBe('-s -w');
  });

  it('are downloaded with their checksums, one by one or out of an archive', () => {
    const downloads = (name: string) => pinned.filter((release) => release.name === name).flatMap((release) => downloadsOf(release, 'amd64'));
    const kubelet = `https://dl.k8s.io/release/v${kubernetesReleases['1.35']}/bin/linux/amd64/kubelet`;

    expect(downloads('1.35')).toContainEqual({ address: kubelet, checksums: `${kubelet}.sha256`, inArchive: undefined });
    for (const name of others.filter((other) => other !== 'velero')) {
      const [download, ...more] = downloads(name);
      expect(more).toEqual([]);
      expect(download?.inArchive?.map((file) => file.split('/').at(-1))).toEqual(pinned.find((release) => release.name === name)?.programs);
    }
    expect(downloads('helm')[0]).toMatchObject({ address: expect.stringMatching(/^https:\/\/get\.helm\.sh\/helm-v3\.[\d.]+-linux-amd64\.tar\.gz$/), checksums: expect.stringMatching(/\.tar\.gz\.sha256sum$/) });
  });
});
