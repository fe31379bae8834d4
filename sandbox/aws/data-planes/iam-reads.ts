import type { Cloud } from '../cloud.js';
import { AwsError } from '../errors.js';
import { text } from '../../provider/properties.js';
import * as tokens from '../types/tokens.js';
import { queryResult } from './query-result.js';
import { element } from './wire.js';

/** IAM's reads of one thing by its name. Undefined for any other action. */
export function iamRead(action: string, form: URLSearchParams, { inventory }: Cloud): string | undefined {
  const [roleName, policyName] = [form.get('RoleName') ?? '', form.get('PolicyName') ?? ''];
  const answer = (content: string): string => queryResult(action, 'https://iam.amazonaws.com/doc/2010-05-08/', content);
  switch (action) {
    case 'GetRole': {
      const role = inventory.get(tokens.role, roleName);
      if (role === undefined) throw new AwsError('NoSuchEntity', `The role with name ${roleName} cannot be found.`, 404);
      const shown = element('RoleName', role.id) + element('Arn', text(role.outputs, 'arn')) + element('Path', text(role.outputs, 'path') ?? '/') + element('RoleId', text(role.outputs, 'uniqueId')) + element('CreateDate', new Date(role.createdAt).toISOString());
      return answer(element('Role', shown, 'elements'));
    }
    case 'GetRolePolicy': {
      const policy = inventory.get(tokens.rolePolicy, `${roleName}:${policyName}`);
      if (policy === undefined) throw new AwsError('NoSuchEntity', `The role policy with name ${policyName} cannot be found.`, 404);
      return answer(element('RoleName', roleName) + element('PolicyName', policyName) + element('PolicyDocument', encodeURIComponent(text(policy.outputs, 'policy') ?? '')));
    }
    default:
      return undefined;
  }
}
