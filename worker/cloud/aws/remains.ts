import { secretName, secretNames } from '../../../model/rendezvous.js';
import type { ClusterScope, FoundResource, HeldResource, Search } from '../cloud.js';
import { confirmed } from './confirm.js';
import type { AwsConnection } from './connection.js';
import { findMade, madeKinds } from './drain/index.js';
import { keyStates } from './keys.js';
import { findNamed, namedKinds } from './named.js';
import type { ParameterStore } from './secrets.js';
import { findByUid, taggedKinds } from './tags.js';

/** Kind under which the nodes' parameters are listed, and that of keys. */
const parameterKind = 'aws:ssm/parameter:Parameter';
const keyKind = 'aws:kms/key:Key';
/** Kinds of what a deletion keeps with the backups, and the part as which the program makes each. */
const backupParts: Readonly<Record<string, string>> = { 'aws:s3/bucket:Bucket': 'backups', [keyKind]: 'key' };

/** Everything of a cluster that is still there; see the contract. */
export async function findRemains(connection: AwsConnection, scope: ClusterScope, before: readonly HeldResource[], { accountId, parameters }: { accountId: string; parameters: ParameterStore }): Promise<Search> {
  const [tagged, named, made, names] = await Promise.all([
    findByUid(connection, scope.uid).then((hits) => confirmed(connection, hits)),
    findNamed(connection, scope),
    // The stack is destroyed: what was known to it and is still there is a leftover like any other.
    findMade(connection, accountId, { ...scope, known: new Set() }),
    parameters.names(scope.uid),
  ]);
  const keys = before.filter(({ type }) => type === keyKind).flatMap(({ arn, id }) => arn ?? id ?? []);
  const escrow = secretName(scope.uid, secretNames.encryptionKey);
  const found = [
    ...tagged.filter(({ kind }) => kind !== keyKind),
    ...named,
    ...made,
    ...(await keysThere(connection, tagged.filter(({ kind }) => kind === keyKind), keys)),
    ...names.map((id): FoundResource => ({
      id, kind: parameterKind, region: connection.region, part: undefined, ...(id === escrow ? { backups: 'the key of etcd\'s contents: without it no backup of etcd can be read' } : {}),
    })),
  ];
  return { kinds: [...new Set([...taggedKinds, ...namedKinds, ...madeKinds, parameterKind])], found: [...new Map(found.map((resource) => [resource.id, withPurpose(resource)])).values()] };
}

function withPurpose(resource: FoundResource): FoundResource {
  return resource.part !== undefined && backupParts[resource.kind] === resource.part ? { ...resource, backups: 'kept with the backups, as asked' } : resource;
}

/** Keys that are there or wait for their end. After a deletion their tags are found for a while only, so those that the stack had are asked for as well. */
async function keysThere(connection: AwsConnection, tagged: readonly FoundResource[], keys: readonly string[]): Promise<FoundResource[]> {
  const all = new Map([...keys, ...tagged.map(({ id }) => id)].map((id): [string, FoundResource] => [id, { id, kind: keyKind, region: connection.region, part: tagged.find((hit) => hit.id === id)?.part ?? 'key' }]));
  const states = await keyStates(connection, [...all.keys()]);
  return [...all.values()].flatMap((key): FoundResource[] => {
    const state = states.get(key.id);
    switch (state?.state) {
      case undefined:
      case 'gone': return [];
      case 'there': return [key];
      case 'waiting': return [{ ...key, keptUntil: state.until }];
    }
  });
}
