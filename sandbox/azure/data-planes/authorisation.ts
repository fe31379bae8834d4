import { objects, text, texts } from '../../provider/properties.js';
import type { Cloud } from '../cloud.js';
import { nameOf } from '../ids.js';
import { builtInRoles } from '../roles.js';
import { customRole } from '../types/authorization.js';
import * as tokens from '../types/tokens.js';
import { holds } from './condition.js';

/** Something that a caller does to a vault or to blobs. */
export interface DataDeed {
  /** `Microsoft.KeyVault/vaults/secrets/getSecret/action` */
  readonly action: string;
  /** Id of what it is done to, or of what that lies in. */
  readonly resource: string;
  readonly subOperation?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Whether role assignments at the resource's scope or above let a principal do something with data. */
export function allows(cloud: Cloud, principalId: string, { action, resource, subOperation, attributes = {} }: DataDeed): boolean {
  return cloud.inventory.ofType(tokens.roleAssignment).some(({ outputs }) => {
    const condition = text(outputs, 'condition');
    return text(outputs, 'principalId')?.toLowerCase() === principalId.toLowerCase()
      && `${resource}/`.toLowerCase().startsWith(`${text(outputs, 'scope') ?? '-'}/`.toLowerCase())
      && grantsData(cloud, text(outputs, 'roleDefinitionId') ?? '', action)
      && (condition === undefined || holds(condition, { action, ...(subOperation === undefined ? {} : { subOperation }), attributes }));
  });
}

function grantsData(cloud: Cloud, roleDefinitionId: string, action: string): boolean {
  const builtIn = builtInRoles[nameOf(roleDefinitionId).toLowerCase()];
  const permissions = objects(customRole(cloud, roleDefinitionId)?.outputs ?? {}, 'permissions').map((one) => ({ dataActions: texts(one, 'dataActions'), notDataActions: texts(one, 'notDataActions') }));
  return [...(builtIn === undefined ? [] : [builtIn]), ...permissions].some(({ dataActions, notDataActions }) => dataActions.some((pattern) => matches(pattern, action)) && !notDataActions.some((pattern) => matches(pattern, action)));
}

function matches(pattern: string, action: string): boolean {
  return new RegExp(`^${pattern.replace(/[.+^${}()|[\]\\?]/g, '\\$&').replaceAll('*', '.*')}$`, 'i').test(action);
}
