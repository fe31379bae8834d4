import { RoleAssignment } from '@pulumi/azure-native/authorization/roleAssignment.js';
import type * as pulumi from '@pulumi/pulumi';
import type { Context } from './context.js';
import { guid } from './guid.js';
import { builtInRoles, type Grant } from './policies/document.js';

/** Gives a principal what a grant says, at its scope, which exists once `on` does. */
export function assignRole(context: Context, who: string, principalId: pulumi.Input<string>, grant: Grant, on: pulumi.Input<pulumi.Resource> | pulumi.Resource[]): RoleAssignment {
  const { account, uid, options } = context;
  const name = `${who}-${grant.name}`;
  return new RoleAssignment(name, {
    roleAssignmentName: guid(uid, name),
    scope: grant.scope,
    principalId,
    // Without it Azure looks the principal up, and does not find one that was made a moment ago.
    principalType: 'ServicePrincipal',
    roleDefinitionId: roleDefinitionId(account.subscriptionId, 'builtIn' in grant.role ? builtInRoles[grant.role.builtIn] : customRoleId(uid, grant.role.custom)),
    ...(grant.condition === undefined ? {} : { condition: grant.condition, conditionVersion: '2.0' }),
    // An assignment is for ever whose it was made for, and its name is taken while it is there.
  }, { ...options, dependsOn: on, deleteBeforeReplace: true, replaceOnChanges: ['principalId', 'roleDefinitionId', 'scope'] });
}

/** GUID of a custom role of the cluster. */
export function customRoleId(uid: string, role: string): string {
  return guid(uid, `role-${role}`);
}

function roleDefinitionId(subscriptionId: string, role: string): string {
  return `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${role}`;
}
