import type { AddonIdentity } from '../../provider.js';
import { withinPrefixes } from './containers.js';
import type { Grant } from './document.js';
import { addonPrefixes, type PolicySubjects } from './subjects.js';

/** What each add-on may do. The storage driver has a right on each pool besides, see `poolGrant`. */
export function addonGrants(addon: AddonIdentity, { group, container, applicationVault }: PolicySubjects): Grant[] {
  switch (addon) {
    case 'cloud-controller-manager': return [{ name: 'balancers', role: { custom: 'service-balancer' }, scope: group }];
    case 'disk-csi': return [{ name: 'disks', role: { custom: 'disk-keeper' }, scope: group }];
    case 'velero': return [{ name: 'objects', role: { custom: 'object-keeper' }, scope: container, condition: withinPrefixes([addonPrefixes.velero]) }];
    case 'loki': return [{ name: 'objects', role: { custom: 'object-keeper' }, scope: container, condition: withinPrefixes([addonPrefixes.loki]) }];
    case 'tempo': return [{ name: 'objects', role: { custom: 'object-keeper' }, scope: container, condition: withinPrefixes([addonPrefixes.tempo]) }];
    case 'external-secrets': return [{ name: 'secrets', role: { builtIn: 'secret-reader' }, scope: applicationVault }];
  }
}

/** The storage driver attaches disks to machines of pools, and to no control plane: who may write a machine may take etcd's disk from it. */
export function poolGrant(pool: string, scope: string): Grant {
  return { name: `attach-${pool}`, role: { custom: 'disk-attacher' }, scope };
}
