import { describe, expect, it } from 'vitest';
import { kubernetesReleases } from '../../../model/spec.js';
import { cachedProgram, linkerFlags, pinnedReleases } from '../../../tools/setup/kubernetes.mjs';

describe('pinned Kubernetes programs', () => {
  it('are those of the releases that clusters get, and one etcd', () => {
    const pinned = pinnedReleases();
    expect(Object.fromEntries(pinned.filter(({ name }) => name !== 'etcd').map(({ name, version }) => [name, version]))).toEqual(kubernetesReleases);
    expect(pinned.find(({ name }) => name === 'etcd')?.programs).toEqual(['etcd']);
  });

  it('have a folder of the cache for each release', () => {
    expect(cachedProgram({ name: '1.35', version: '1.35.4' }, 'kubeadm')).toMatch(/\/kubernetes\/v1\.35\.4\/kubeadm$/);
    expect(cachedProgram({ name: 'etcd', version: '3.6.16' }, 'etcd')).toMatch(/\/kubernetes\/etcd-v3\.6\.16\/etcd$/);
  });

  it('know their version, by which kubeadm tells what it may install', () => {
    expect(linkerFlags({ name: '1.35', version: '1.35.4' })).toContain('-X k8s.io/component-base/version.gitVersion=v1.35.4');
    expect(linkerFlags({ name: 'etcd', version: '3.6.16' })).toBe('-s -w');
  });
});
