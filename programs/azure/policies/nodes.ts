import { expiryPrefix } from '../../../model/expiry.js';
import { veleroFolders } from '../../../model/objects-backup.js';
import { orderAnswerPrefix, orderPrefix, restorationKey } from '../../../model/orders.js';
import { nodeStepPrefix } from '../../../model/rendezvous.js';
import { exactly, issuerDocuments, withinPrefixes } from './containers.js';
import type { Grant } from './document.js';
import { addonPrefixes, snapshotPrefix, type PolicySubjects } from './subjects.js';

/** What a control plane may do: write and read the secrets of all sets, meet the other nodes, store snapshots, publish the issuer's documents. */
export function controlPlaneGrants({ vaults, container, issuerContainer }: PolicySubjects): Grant[] {
  return [
    ...(['control-plane', 'join', 'provisioner'] as const).map((set): Grant => ({ name: `secrets-${set}`, role: { custom: 'secret-publisher' }, scope: vaults[set] })),
    { name: 'objects', role: { custom: 'object-user' }, scope: container, condition: withinPrefixes(['rendezvous/', snapshotPrefix]) },
    ...(issuerContainer === undefined ? [] : [{ name: 'issuer-documents', role: { custom: 'object-writer' as const }, scope: issuerContainer, condition: exactly(issuerDocuments) }]),
  ];
}

/**
 * What a worker may do: read the set it joins with, and write how far it is. Storage cannot tell one worker from another by the node's name, so each may write
 * any node's step; it can read none. Images come from public registries: no right to a container registry.
 */
export function workerGrants({ vaults, container }: PolicySubjects): Grant[] {
  return [
    { name: 'join-secrets', role: { builtIn: 'secret-reader' }, scope: vaults.join },
    { name: 'own-steps', role: { custom: 'object-writer' }, scope: container, condition: withinPrefixes([nodeStepPrefix]) },
  ];
}

/** What the service itself may do in a vault and a container, which owning the subscription does not give: read what control planes publish for it, the nodes' steps, orders with their answers, snapshots and what Velero has saved; order control planes, and have new ones begin with a snapshot; and put what another cluster's Velero has saved beside it. */
export function serviceGrants({ vaults, container }: PolicySubjects): Grant[] {
  return [
    { name: 'published-secrets', role: { builtIn: 'secret-reader' }, scope: vaults.provisioner },
    { name: 'steps', role: { builtIn: 'object-reader' }, scope: container, condition: withinPrefixes([nodeStepPrefix, orderPrefix, orderAnswerPrefix, restorationKey, expiryPrefix, snapshotPrefix, addonPrefixes.velero]) },
    { name: 'orders', role: { custom: 'object-writer' }, scope: container, condition: withinPrefixes([orderPrefix, restorationKey, veleroFolders.backups, veleroFolders.repositories]) },
  ];
}
