import type { AuthService, BackstageCredentials, UserInfoService } from '@backstage/backend-plugin-api';
import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { InputError, NotAllowedError } from '@backstage/errors';
import type { Settings } from './settings';

/** What the service says of a cluster that nobody owns. */
export const unowned = 'unowned';

/** The entity that owns a cluster: the group that is named like the cluster's owner. */
export function ownerEntity(owner: string, { namespace, fallback }: Settings['owners']): string {
  if (owner === unowned || !/^[a-zA-Z0-9]([\w.-]{0,61}[a-zA-Z0-9])?$/.test(owner)) return fallback;
  return stringifyEntityRef({ kind: 'group', namespace, name: owner });
}

/**
 * What the service calls an owner that a template gave as an entity (`group:default/payments`, as an owner picker does) or by name.
 * @throws InputError where it is not a group of the namespace that owners are in
 */
export function ownerName(given: string, { namespace }: Settings['owners']): string {
  if (!/[:/]/.test(given)) return given;
  const ref = parseEntityRef(given, { defaultKind: 'group', defaultNamespace: namespace });
  if (ref.kind.toLowerCase() === 'group' && ref.namespace === namespace) return ref.name;
  throw new InputError(`The owner "${given}" is not a group of the namespace "${namespace}": clusters are owned by such groups (clusterwright.owners.namespace).`);
}

/** Asks that a person may act for a cluster's owner. */
export type OwnerCheck = (owner: string, credentials: () => Promise<BackstageCredentials>) => Promise<void>;

/** Backstage signs in as an application that has many owners' clusters, so it is here that one team is kept from another's. Services act for everybody. */
export function ownerCheck(settings: Settings['owners'], auth: AuthService, userInfo: UserInfoService): OwnerCheck {
  return async (owner, credentials) => {
    if (!settings.check) return;
    const initiator = await credentials();
    if (!auth.isPrincipal(initiator, 'user')) return;
    const wanted = ownerEntity(owner, settings);
    const { ownershipEntityRefs } = await userInfo.getUserInfo(initiator);
    if (ownershipEntityRefs.includes(wanted)) return;
    throw new NotAllowedError(`${initiator.principal.userEntityRef} is not in ${wanted}, which owns the cluster: ask somebody who is, or give a group of your own as owner.`);
  };
}
