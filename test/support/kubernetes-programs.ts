import { existsSync } from 'node:fs';
import type { KubernetesVersion } from '../../model/spec.js';
import { cachedProgram, pinnedReleases } from '../../tools/setup/kubernetes.mjs';

/** Where a Kubernetes program of a minor lies, or another one that goes with it. Throws where set-up has not made it. */
export function kubernetesProgram(release: KubernetesVersion | 'etcd' | 'helm' | 'prometheus' | 'alertmanager' | 'kyverno' | 'gatekeeper' | 'velero', program: 'helm' | 'kubeadm' | 'kube-apiserver' | 'kube-controller-manager' | 'kubectl' | 'etcd' | 'promtool' | 'amtool' | 'kyverno' | 'gator' | 'velero' | 'velero-plugin-for-aws'): string {
  const pinned = pinnedReleases().find(({ name }) => name === release);
  if (pinned === undefined) throw new Error(`tools/kubernetes pins no ${release}`);
  const file = cachedProgram(pinned, program);
  if (!existsSync(file)) throw new Error(`there is no ${file}: \`npm test\` makes it`);
  return file;
}
