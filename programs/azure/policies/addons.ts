import type { AddonIdentity } from '../../provider.js';
import { withinPrefixes } from './containers.js';
import type { CustomRole, Grant } from './document.js';
import { addonPrefixes, type PolicySubjects } from './subjects.js';

/** What each add-on may do. Some have a right on each pool besides, see `poolGrants`. */
export function addonGrants(addon: AddonIdentity, { group, container, applicationVault, zones, sopsKey }: PolicySubjects): Grant[] {
  switch (addon) {
    case 'cloud-controller-manager': return [{ name: 'balancers', role: { custom: 'service-balancer' }, scope: group }];
    case 'disk-csi': return [{ name: 'disks', role: { custom: 'disk-keeper' }, scope: group }];
    case 'velero': return [{ name: 'objects', role: { custom: 'object-keeper' }, scope: container, condition: withinPrefixes([addonPrefixes.velero]) }];
    case 'loki': return [{ name: 'objects', role: { custom: 'object-keeper' }, scope: container, condition: withinPrefixes([addonPrefixes.loki]) }];
    case 'tempo': return [{ name: 'objects', role: { custom: 'object-keeper' }, scope: container, condition: withinPrefixes([addonPrefixes.tempo]) }];
    case 'external-secrets': return [{ name: 'secrets', role: { builtIn: 'secret-reader' }, scope: applicationVault }];
    case 'cluster-autoscaler': return [{ name: 'pools', role: { custom: 'pool-reader' }, scope: group }];
    case 'external-dns': return zones === undefined ? [] : nameWriter(zones);
    // Of AWS alone: Rancher's backups know S3, the pod network is Amazon's.
    case 'rancher-backup':
    case 'pod-network': return [];
    case 'kustomize-controller': return sopsKey === undefined ? [] : [{ name: 'sops', role: { custom: 'key-decrypter' }, scope: sopsKey.id }];
  }
}

/** It lists the zones of their resource group, and has no rights on those that the spec does not name. */
function nameWriter({ group, ids }: NonNullable<PolicySubjects['zones']>): Grant[] {
  return [
    { name: 'zones', role: { custom: 'zone-lister' }, scope: group },
    ...ids.map((id): Grant => ({ name: `records-${id.slice(id.lastIndexOf('/') + 1).toLowerCase()}`, role: { custom: 'record-keeper' }, scope: id })),
  ];
}

/** What an add-on does to the scale sets of pools, and to no control plane: who may write a machine may take etcd's disk from it. */
const onPools: Partial<Record<AddonIdentity, { readonly name: string; readonly custom: CustomRole }>> = {
  'disk-csi': { name: 'attach', custom: 'disk-attacher' },
  'cluster-autoscaler': { name: 'scale', custom: 'pool-scaler' },
};

/** What an add-on may do on the scale set of one pool. */
export function poolGrants(addon: AddonIdentity, pool: string, scope: string): Grant[] {
  const right = onPools[addon];
  return right === undefined ? [] : [{ name: `${right.name}-${pool}`, role: { custom: right.custom }, scope }];
}
