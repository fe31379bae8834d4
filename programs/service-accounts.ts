import type { Provider } from '../model/spec.js';
import type { AddonIdentity } from './provider.js';

/** A Kubernetes service account. */
export interface ServiceAccount {
  readonly namespace: string;
  readonly name: string;
}

const velero: ServiceAccount = { namespace: 'velero', name: 'velero-server' };
/** On AWS alone, as is the pod network. */
const rancherBackup: ServiceAccount = { namespace: 'rancher-backup', name: 'rancher-backup' };
const loki: ServiceAccount = { namespace: 'logging', name: 'loki' };
const externalSecrets: ServiceAccount = { namespace: 'external-secrets', name: 'external-secrets' };
const tempo: ServiceAccount = { namespace: 'tracing', name: 'tempo' };
const cloudController: ServiceAccount = { namespace: 'kube-system', name: 'cloud-controller-manager' };
const externalDns: ServiceAccount = { namespace: 'external-dns', name: 'external-dns' };
const kustomizeController: ServiceAccount = { namespace: 'flux-system', name: 'kustomize-controller' };
/** Of Amazon's pod network; the others talk to no cloud. */
const podNetwork: ServiceAccount = { namespace: 'kube-system', name: 'aws-node' };
const nodeScaler: ServiceAccount = { namespace: 'kube-system', name: 'cluster-autoscaler' };

/**
 * The service account of each add-on that has an identity in the cloud: the cloud's trust is bound to it, and the chart's values name it. The
 * drivers' charts name theirs differently.
 */
export const addonServiceAccounts: Readonly<Record<Provider, Readonly<Record<AddonIdentity, ServiceAccount>>>> = {
  aws: { 'cloud-controller-manager': cloudController, 'disk-csi': { namespace: 'kube-system', name: 'ebs-csi-controller-sa' }, velero, 'rancher-backup': rancherBackup, loki, tempo, 'external-secrets': externalSecrets, 'cluster-autoscaler': nodeScaler, 'external-dns': externalDns, 'kustomize-controller': kustomizeController, 'pod-network': podNetwork },
  azure: { 'cloud-controller-manager': cloudController, 'disk-csi': { namespace: 'kube-system', name: 'csi-azuredisk-controller-sa' }, velero, 'rancher-backup': rancherBackup, loki, tempo, 'external-secrets': externalSecrets, 'cluster-autoscaler': nodeScaler, 'external-dns': externalDns, 'kustomize-controller': kustomizeController, 'pod-network': podNetwork },
};

/** The subject of a service account's tokens. */
export function tokenSubject({ namespace, name }: ServiceAccount): string {
  return `system:serviceaccount:${namespace}:${name}`;
}
