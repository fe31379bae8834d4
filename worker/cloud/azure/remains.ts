import type { AzureAccount } from '../../../model/accounts.js';
import type { ClusterScope, FoundResource, HeldResource, Search } from '../cloud.js';
import { confirmed } from './confirm.js';
import type { AzureConnection } from './connection.js';
import { deletedVaults } from './deleted-vaults.js';
import { madeKinds } from './drain.js';
import { calling } from './errors.js';
import { groupId, groupWithContent } from './group.js';
import { findNamed, namedKinds } from './named.js';
import { findByUid } from './tags.js';
import { azureTypes } from './types.js';

/** Everything of a cluster that is still there; see the contract. */
export async function findRemains(connection: AzureConnection, account: AzureAccount, scope: ClusterScope, before: readonly HeldResource[]): Promise<Search> {
  const { subscriptionId } = account;
  const group = groupId(subscriptionId, scope).toLowerCase();
  const [tagged, content, named, deleted] = await calling(`looking for what is left of ${scope.name}`, () => Promise.all([
    findByUid(connection, subscriptionId, scope.uid),
    groupWithContent(connection, subscriptionId, scope),
    findNamed(connection, account, scope),
    deletedVaults(connection, subscriptionId, scope),
  ]));
  // What the stack had outside of the group (role assignments, for instance) has neither tags nor names by which it could be searched.
  const outside = before.flatMap(({ id, type }): FoundResource[] => id === undefined || id.toLowerCase().startsWith(group) || azureTypes[type] === undefined ? [] : [{ id, kind: type, region: 'global', part: undefined }]);
  const there = await confirmed(connection, unique([...content, ...tagged, ...outside]));
  return {
    kinds: [...new Set([...Object.keys(azureTypes), ...namedKinds, ...madeKinds])],
    found: unique([...there, ...named, ...deleted]).map(withPurpose),
  };
}

/** Ids have no case of their own: services answer the same one in different ones. */
function unique(resources: readonly FoundResource[]): FoundResource[] {
  return [...new Map([...resources].reverse().map((resource) => [resource.id.toLowerCase(), resource])).values()].reverse();
}

/** Parts that a deletion keeps with the backups, and why. */
const backupParts: Readonly<Record<string, string>> = {
  group: 'the backups lie in it',
  key: 'it is in the vault that is kept',
  backups: 'kept with the backups, as asked',
  'vault-applications': 'it holds the secrets that were put there for applications, which lie nowhere else',
  'vault-control-plane': 'it holds the key of etcd\'s contents: without it no backup of etcd can be read',
};

function withPurpose(resource: FoundResource): FoundResource {
  const backups = resource.part === undefined ? undefined : backupParts[resource.part];
  return backups === undefined ? resource : { ...resource, backups };
}
