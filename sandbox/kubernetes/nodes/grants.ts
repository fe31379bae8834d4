import { z } from 'zod';
import type { NodeFacts } from '../../../model/rendezvous.js';
import { secretName, secretNames, nodeStepPrefix } from '../../../model/rendezvous.js';
import { accountId } from '../../aws/cloud.js';
import { objects, text, texts } from '../../aws/properties.js';
import * as tokens from '../../aws/types/tokens.js';
import type { Inventory } from '../../inventory/inventory.js';
import type { Item } from '../../inventory/item.js';

const oneOrMore = z.union([z.string(), z.array(z.string())]).transform((value) => (typeof value === 'string' ? [value] : value));
const statementSchema = z.object({ Effect: z.enum(['Allow', 'Deny']), Action: oneOrMore.default([]), Resource: oneOrMore.default([]) });
const documentSchema = z.object({ Statement: z.union([statementSchema.transform((statement) => [statement]), z.array(statementSchema)]) });

/** One statement of a policy. Conditions are not evaluated: a statement with one counts as if it held. */
export type Statement = z.infer<typeof statementSchema>;

/** Whether statements allow an action on a resource: some Allow matches and no Deny does. `*` and `?` are wildcards, actions have no case. */
export function allows(statements: readonly Statement[], action: string, resource: string): boolean {
  const matching = statements.filter((statement) => statement.Action.some((pattern) => glob(pattern.toLowerCase(), action.toLowerCase())) && statement.Resource.some((pattern) => glob(pattern, resource)));
  return matching.some(({ Effect }) => Effect === 'Allow') && matching.every(({ Effect }) => Effect === 'Allow');
}

function glob(pattern: string, value: string): boolean {
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(value);
}

/** The statements of all policies of an instance's role. */
export function statementsOf(inventory: Inventory, instance: Item): { role: string | undefined; statements: Statement[] } {
  const profile = inventory.get(tokens.instanceProfile, text(instance.outputs, 'iamInstanceProfile') ?? '');
  const roleName = text(profile?.outputs ?? {}, 'role');
  const role = roleName === undefined ? undefined : inventory.get(tokens.role, roleName);
  if (role === undefined) return { role: undefined, statements: [] };
  const inline = inventory.ofType(tokens.rolePolicy).filter(({ outputs }) => text(outputs, 'role') === role.id).flatMap(({ outputs }) => text(outputs, 'policy') ?? []);
  const attached = [
    ...inventory.ofType(tokens.rolePolicyAttachment).filter(({ outputs }) => text(outputs, 'role') === role.id).flatMap(({ outputs }) => text(outputs, 'policyArn') ?? []),
    ...texts(role.outputs, 'managedPolicyArns'),
  ].flatMap((arn) => text(inventory.get(tokens.policy, arn)?.outputs ?? {}, 'policy') ?? []);
  const within = objects(role.outputs, 'inlinePolicies').flatMap((policy) => text(policy, 'policy') ?? []);
  return { role: role.id, statements: [...inline, ...attached, ...within].flatMap(parse) };
}

function parse(policy: string): Statement[] {
  try {
    return documentSchema.parse(JSON.parse(policy)).Statement;
  } catch {
    // NotAction, NotResource and the like grant nothing here; the node's message then names what is missing.
    return [];
  }
}

/** What a node of these facts needs its role to allow. */
export function needsOf(facts: NodeFacts): { action: string; resource: string }[] {
  const parameter = (name: string): string => `arn:aws:ssm:${facts.region}:${accountId}:parameter${name}`;
  const step = { action: 's3:PutObject', resource: `arn:aws:s3:::${awsRendezvous(facts).bucket}/${nodeStepPrefix}any.json` };
  if (facts.role === 'worker') return [step, ...[secretNames.joinAuthority, secretNames.joinToken].map((name) => ({ action: 'ssm:GetParameter', resource: parameter(secretName(facts.uid, name)) }))];
  return [
    step,
    { action: 'ssm:PutParameter', resource: parameter(`${awsRendezvous(facts).parameterPrefix}/control-plane/any`) },
    ...Object.values(secretNames).map((name) => ({ action: 'ssm:PutParameter', resource: parameter(secretName(facts.uid, name)) })),
  ];
}

/** What an instance's role lacks, in words for its failed step; undefined when it lacks nothing. */
export function missingGrant(inventory: Inventory, instance: Item, facts: NodeFacts): string | undefined {
  const { role, statements } = statementsOf(inventory, instance);
  if (role === undefined) return `the machine has no role: ${text(instance.outputs, 'iamInstanceProfile') ?? 'no instance profile'} gives it none`;
  const missing = needsOf(facts).find(({ action, resource }) => !allows(statements, action, resource));
  return missing === undefined ? undefined : `AccessDenied: the role ${role} is not authorized to perform ${missing.action} on ${missing.resource}`;
}

/** Where nodes on AWS meet. */
export function awsRendezvous({ cluster, rendezvous }: NodeFacts): Extract<NodeFacts['rendezvous'], { provider: 'aws' }> {
  if (rendezvous.provider !== 'aws') throw new Error(`the nodes of ${cluster} do not meet on AWS`);
  return rendezvous;
}
