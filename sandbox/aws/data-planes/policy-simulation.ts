import { lookUp, type Cloud } from '../cloud.js';
import { AwsError } from '../errors.js';
import { serviceRoleArn } from '../provider.js';
import { allows, statementsOfRole } from '../role-policies.js';
import * as tokens from '../types/tokens.js';
import { memberList, members, queryResult } from './query-result.js';
import { element } from './wire.js';

/** IAM's SimulatePrincipalPolicy, without resources: the service's own role may do all but what is denied now, others what their policies say. */
export function simulatePrincipalPolicy(cloud: Cloud, denied: readonly string[], form: URLSearchParams): string {
  const principal = form.get('PolicySourceArn') ?? '';
  const role = principal === serviceRoleArn ? undefined : lookUp(cloud, tokens.role, principal);
  if (principal !== serviceRoleArn && role === undefined) throw new AwsError('NoSuchEntity', `The entity ${principal} cannot be found.`, 404);
  const statements = role === undefined ? undefined : statementsOfRole(cloud.inventory, role.id);
  const results = members(form, 'ActionNames').map((action) => {
    const allowed = !denied.includes(action) && (statements === undefined || allows(statements, action, '*'));
    return element('EvalActionName', action) + element('EvalResourceName', '*') + element('EvalDecision', allowed ? 'allowed' : 'implicitDeny');
  });
  return queryResult('SimulatePrincipalPolicy', 'https://iam.amazonaws.com/doc/2010-05-08/', element('IsTruncated', false) + memberList('EvaluationResults', results));
}
