import type { Cloud } from '../cloud.js';
import { AwsError } from '../errors.js';
import { text } from '../../provider/properties.js';
import * as tokens from '../types/tokens.js';
import { iamRead } from './iam-reads.js';
import { simulatePrincipalPolicy } from './policy-simulation.js';
import { memberList, queryResult } from './query-result.js';
import { element } from './wire.js';

/** IAM: the list of roles, which no index of tags has, reads by name, and what a role may do. */
export function iam(action: string, form: URLSearchParams, { cloud, denied }: { cloud: Cloud; region: string; denied: readonly string[] }): string {
  const read = iamRead(action, form, cloud);
  if (read !== undefined) return read;
  if (action === 'SimulatePrincipalPolicy') return simulatePrincipalPolicy(cloud, denied, form);
  if (action !== 'ListRoles') throw new AwsError('InvalidAction', `the sandbox does not imitate iam:${action}`);
  const prefix = form.get('PathPrefix') ?? '/';
  const roles = cloud.inventory.ofType(tokens.role).filter((role) => (text(role.outputs, 'path') ?? '/').startsWith(prefix));
  return queryResult(action, 'https://iam.amazonaws.com/doc/2010-05-08/', element('IsTruncated', false) + memberList('Roles', roles.map((role) =>
    element('RoleName', role.id) + element('Arn', text(role.outputs, 'arn')) + element('Path', text(role.outputs, 'path') ?? '/') + element('RoleId', text(role.outputs, 'uniqueId')) + element('CreateDate', new Date(role.createdAt).toISOString()))));
}
