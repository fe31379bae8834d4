import { nodeStepKey, secretNames, type NodeFacts, type SecretPath } from '../../../model/rendezvous.js';
import type { Item } from '../../inventory/item.js';
import { text } from '../../provider/properties.js';
import type { Cloud } from '../cloud.js';
import { allows, type DataDeed } from '../data-planes/authorisation.js';
import { shutOut } from '../data-planes/network-access.js';
import { nameOf } from '../ids.js';
import { identitiesOf, subnetsOf } from '../machines.js';
import { azureRendezvous, containerOf, vaultOf } from './rendezvous.js';

const blobs = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs';
const secrets = 'Microsoft.KeyVault/vaults/secrets';

interface Need extends Omit<DataDeed, 'resource'> {
  /** What it is done to; undefined where that does not exist. */
  readonly target: Item | undefined;
  readonly targetName: string;
}

/** What nodes of these facts need their identity to allow. */
export function needsOf(cloud: Cloud, facts: NodeFacts): Need[] {
  const { container, vaults } = azureRendezvous(facts);
  const path = nodeStepKey('any');
  const step: Need = { action: `${blobs}/write`, target: containerOf(cloud, container), targetName: container, attributes: { [`@Resource[${blobs}:path]`]: path } };
  const secret = (name: SecretPath, action: 'getSecret' | 'setSecret'): Need => {
    const set = name.split('/')[0] as keyof typeof vaults;
    return { action: `${secrets}/${action}/action`, target: vaultOf(cloud, facts, name), targetName: vaults[set] };
  };
  if (facts.role === 'worker') return [step, ...[secretNames.joinAuthority, secretNames.joinToken].map((name) => secret(name, 'getSecret'))];
  return [step, ...Object.values(secretNames).map((name) => secret(name, 'setSecret'))];
}

/** What a machine lacks to do them, in words for its failed step; undefined when it lacks nothing. */
export function missingGrant(cloud: Cloud, machine: Item, facts: NodeFacts): string | undefined {
  const identities = identitiesOf(cloud, machine);
  const [identity] = identities;
  // With several the metadata service wants to be told which, and scripts do not tell.
  if (identity === undefined || identities.length > 1) return `the machine needs exactly one user-assigned identity, has ${identities.length}`;
  const principal = text(identity.outputs, 'principalId') ?? '';
  for (const { target, targetName, ...deed } of needsOf(cloud, facts)) {
    if (target === undefined) return `${targetName} does not exist`;
    const account = target.parent === null || !deed.action.startsWith(blobs) ? target : cloud.inventory.get(target.parent.type, target.parent.id) ?? target;
    const why = shutOut(cloud, account, subnetsOf(cloud, machine));
    if (why !== undefined) return `${why}: ${targetName} does not let the machine in`;
    if (!allows(cloud, principal, { ...deed, resource: target.id })) return `AuthorizationFailed: the identity ${nameOf(identity.id)} is not authorized to perform ${deed.action} on ${targetName}`;
  }
  return undefined;
}
