import type { AddonIdentity } from './provider.js';

/** A Kubernetes service account. */
export interface ServiceAccount {
  readonly namespace: string;
  readonly name: string;
}

/**
 * The service account of each add-on that has an identity in the cloud: the cloud's trust is bound to it, and the chart's values name it.
 */
export const addonServiceAccounts: Readonly<Record<AddonIdentity, ServiceAccount>> = {
  'cloud-controller-manager': { namespace: 'kube-system', name: 'cloud-controller-manager' },
  'ebs-csi': { namespace: 'kube-system', name: 'ebs-csi-controller-sa' },
  velero: { namespace: 'velero', name: 'velero-server' },
  loki: { namespace: 'logging', name: 'loki' },
};

/** The subject of a service account's tokens. */
export function tokenSubject({ namespace, name }: ServiceAccount): string {
  return `system:serviceaccount:${namespace}:${name}`;
}
