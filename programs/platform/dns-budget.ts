import { PodDisruptionBudget } from '@pulumi/kubernetes/policy/v1/podDisruptionBudget.js';
import type { PlatformContext } from './context.js';
import { managedLabels } from './names.js';

/**
 * Lets drains take one replica of cluster DNS at a time. kubeadm makes two and no budget; it writes their Deployment anew at each upgrade and leaves this be. How they are spread is kubeadm's patch on the control planes,
 * which it reads at upgrades too: `templates/nodes/control-plane/etc/kubernetes/patches/`.
 */
export function keepDns({ options }: PlatformContext): void {
  new PodDisruptionBudget('budget-coredns', {
    metadata: { name: 'coredns', namespace: 'kube-system', labels: managedLabels },
    // A replica that is not ready anyway holds up nobody.
    spec: { maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow', selector: { matchLabels: { 'k8s-app': 'kube-dns' } } },
  }, options);
}
