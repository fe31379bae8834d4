import type { Item, ItemRef } from '../../inventory/item.js';
import type { PropertyMap } from '../../protocol/values.js';
import { length, oneOf, pattern, rule, type Check } from '../../provider/checks.js';
import { objects, text, texts } from '../../provider/properties.js';
import { anyWithId, serviceIdentity, subscriptionId, tenantId, type Cloud } from '../cloud.js';
import { AzureError } from '../errors.js';
import { nameOf } from '../ids.js';
import type { Request, ResourceType } from '../resource-type.js';
import { builtInRoles } from '../roles.js';
import { hasPrincipal } from './identity.js';
import { sameId } from './references.js';
import * as tokens from './tokens.js';

const guid = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const wholeSubscription = `/subscriptions/${subscriptionId}`;

const scopeCheck: Check = pattern('scope', /^\/?subscriptions\/[^/]+(\/resourceGroups\/.+)?$/i, 'be the id of a subscription, resource group or resource');

function scopeOf(inputs: PropertyMap): string {
  return `/${(text(inputs, 'scope') ?? '').replace(/^\/|\/$/g, '')}`;
}

/** A scope must exist. The one that is no item is the subscription. */
function requireScope(cloud: Cloud, scope: string): void {
  if (sameId(scope, wholeSubscription) || anyWithId(cloud, scope) !== undefined) return;
  const [, group] = /\/resourceGroups\/([^/]+)$/i.exec(scope) ?? [];
  throw group === undefined ? new AzureError('ResourceNotFound', `The Resource '${scope}' was not found.`, 404) : new AzureError('ResourceGroupNotFound', `Resource group '${group}' could not be found.`, 404);
}

function itemAt(cloud: Cloud, scope: string | undefined): ItemRef | undefined {
  const item = scope === undefined ? undefined : anyWithId(cloud, scope);
  return item === undefined ? undefined : { type: item.type, id: item.id };
}

export const roleDefinition: ResourceType = {
  token: tokens.roleDefinition,
  global: true,
  latency: { create: 3, update: 3, delete: 2 },
  replaces: ['roleDefinitionId', 'scope'],
  autoname: { property: 'roleDefinitionId', longest: 36, form: 'guid' },
  checks: [
    pattern('roleDefinitionId', guid, 'be a GUID'),
    scopeCheck,
    length('roleName', 1, 512),
    length('description', 0, 2048),
    length('assignableScopes', 1, 2000),
    oneOf('roleType', ['CustomRole']),
    rule(['permissions'], (inputs) => {
      const permissions = objects(inputs, 'permissions');
      if (permissions.length !== 1) return 'a role has exactly one set of permissions';
      const wrong = permissions.flatMap((one) => ['actions', 'notActions', 'dataActions', 'notDataActions'].flatMap((name) => texts(one, name))).find((action) => !/^(\*|[\w.*]+(\/[\w.*-]+)+)$/.test(action));
      return wrong === undefined ? undefined : `"${wrong}" does not match any of the actions supported by the providers`;
    }),
  ],
  admit({ inputs, cloud, existing }) {
    requireScope(cloud, scopeOf(inputs));
    for (const scope of texts(inputs, 'assignableScopes')) requireScope(cloud, scope);
    const dataOnSubscription = objects(inputs, 'permissions').some((one) => texts(one, 'dataActions').length > 0) && texts(inputs, 'assignableScopes').some((scope) => scope.startsWith('/providers/'));
    if (dataOnSubscription) throw new AzureError('InvalidAssignableScopes', 'Custom roles with dataActions cannot be assigned at the scope of a management group.');
    const name = text(inputs, 'roleName')?.toLowerCase();
    const twin = cloud.inventory.ofType(tokens.roleDefinition).some(({ id, outputs }) => id !== existing?.id && text(outputs, 'roleName')?.toLowerCase() === name) || Object.values(builtInRoles).some((role) => role.name.toLowerCase() === name);
    if (twin) {
      throw new AzureError('RoleDefinitionWithSameNameExists', `A custom role with the same name already exists in this directory. Use a different name. (${text(inputs, 'roleName') ?? ''})`, 409);
    }
  },
  id: ({ inputs }) => `${scopeOf(inputs)}/providers/Microsoft.Authorization/roleDefinitions/${text(inputs, 'roleDefinitionId') ?? ''}`,
  computed: ({ cloud }, id) => ({ name: nameOf(id), type: 'Microsoft.Authorization/roleDefinitions', azureApiVersion: '2022-05-01-preview', createdOn: cloud.clock.timestamp(), updatedOn: cloud.clock.timestamp(), createdBy: serviceIdentity.objectId }),
  recomputed: ({ cloud }) => ({ updatedOn: cloud.clock.timestamp() }),
  volatile: ['updatedOn'],
  parent: ({ inputs, cloud }) => itemAt(cloud, scopeOf(inputs)) ?? texts(inputs, 'assignableScopes').map((scope) => itemAt(cloud, scope)).find((item) => item !== undefined),
  blocker(item, cloud) {
    const user = cloud.inventory.ofType(tokens.roleAssignment).find(({ outputs }) => sameId(nameOf(text(outputs, 'roleDefinitionId') ?? ''), nameOf(item.id)));
    if (user === undefined) return undefined;
    return new AzureError('RoleDefinitionHasAssignments', `There are existing role assignments referencing role (code: RoleDefinitionHasAssignments): ${user.id}`);
  },
};

/** The role definition that an assignment names: a custom one of the inventory. */
export function customRole(cloud: Cloud, roleDefinitionId: string): Item | undefined {
  return cloud.inventory.ofType(tokens.roleDefinition).find(({ id }) => sameId(nameOf(id), nameOf(roleDefinitionId)));
}

export const roleAssignment: ResourceType = {
  token: tokens.roleAssignment,
  global: true,
  latency: { create: 4, update: 2, delete: 2 },
  replaces: ['roleAssignmentName', 'scope', 'principalId'],
  autoname: { property: 'roleAssignmentName', longest: 36, form: 'guid' },
  checks: [
    pattern('roleAssignmentName', guid, 'be a GUID'),
    scopeCheck,
    pattern('principalId', guid, 'be a GUID: the object id of a principal'),
    oneOf('principalType', ['User', 'Group', 'ServicePrincipal', 'ForeignGroup', 'Device']),
    rule(['condition', 'conditionVersion'], (inputs) => (inputs['condition'] !== undefined && inputs['conditionVersion'] !== '2.0' ? 'a condition needs the conditionVersion 2.0' : undefined)),
  ],
  admit: admitAssignment,
  id: ({ inputs }) => `${scopeOf(inputs)}/providers/Microsoft.Authorization/roleAssignments/${text(inputs, 'roleAssignmentName') ?? ''}`,
  computed: ({ inputs, cloud }, id) => ({
    name: nameOf(id),
    type: 'Microsoft.Authorization/roleAssignments',
    azureApiVersion: '2022-04-01',
    scope: scopeOf(inputs),
    principalType: text(inputs, 'principalType') ?? 'ServicePrincipal',
    createdOn: cloud.clock.timestamp(),
    updatedOn: cloud.clock.timestamp(),
    createdBy: serviceIdentity.objectId,
  }),
  parent: ({ inputs, cloud }) => itemAt(cloud, scopeOf(inputs)),
};

function admitAssignment({ inputs, cloud, existing }: Request): void {
  if (existing !== undefined && ['roleDefinitionId', 'principalType'].some((name) => !sameId(text(existing.outputs, name), text(inputs, name) ?? text(existing.outputs, name)))) {
    throw new AzureError('RoleAssignmentUpdateNotPermitted', 'Tenant ID, application ID, principal ID, and scope are not allowed to be updated.');
  }
  const scope = scopeOf(inputs);
  const [principalId, role] = [text(inputs, 'principalId') ?? '', text(inputs, 'roleDefinitionId') ?? ''];
  requireScope(cloud, scope);
  const custom = customRole(cloud, role);
  if (custom === undefined && builtInRoles[nameOf(role).toLowerCase()] === undefined) {
    throw new AzureError('RoleDefinitionDoesNotExist', `The specified role definition with ID '${nameOf(role).replaceAll('-', '')}' does not exist.`, 404);
  }
  const assignable = custom === undefined || texts(custom.outputs, 'assignableScopes').some((allowed) => `${scope}/`.toLowerCase().startsWith(`${allowed.replace(/\/$/, '')}/`.toLowerCase()));
  if (!assignable) throw new AzureError('RoleDefinitionNotAssignableAtScope', `The role definition '${nameOf(role)}' is not assignable at scope '${scope}'.`);
  const isService = principalId.toLowerCase() === serviceIdentity.objectId;
  // Users and groups live in the directory, of which the sandbox imitates the managed identities only.
  const managed = (text(inputs, 'principalType') ?? 'ServicePrincipal') === 'ServicePrincipal';
  if (managed && !isService && !hasPrincipal(cloud, principalId)) {
    throw new AzureError('PrincipalNotFound', `Principal ${principalId.replaceAll('-', '')} does not exist in the directory ${tenantId}. Check that you have the correct principal ID. If you are creating this principal and then immediately assigning a role, this error might be related to a replication delay.`);
  }
  const twin = cloud.inventory.ofType(tokens.roleAssignment).find(({ id, outputs }) =>
    id !== existing?.id && nameOf(id) !== text(inputs, 'roleAssignmentName') && sameId(text(outputs, 'scope'), scope) && sameId(text(outputs, 'principalId'), principalId) && sameId(nameOf(text(outputs, 'roleDefinitionId') ?? ''), nameOf(role)));
  if (twin !== undefined) {
    throw new AzureError('RoleAssignmentExists', `The role assignment already exists. The ID of the existing role assignment is ${nameOf(twin.id).replaceAll('-', '')}.`, 409);
  }
}
