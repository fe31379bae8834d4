import { z } from 'zod';
import type { Inventory } from '../inventory/inventory.js';
import { objects, text, texts } from '../provider/properties.js';
import * as tokens from './types/tokens.js';

const oneOrMore = z.union([z.string(), z.array(z.string())]).transform((value) => (typeof value === 'string' ? [value] : value));
const statementSchema = z.object({
  Effect: z.enum(['Allow', 'Deny']), Action: oneOrMore.default([]), Resource: oneOrMore.default([]),
  Condition: z.record(z.string(), z.record(z.string(), oneOrMore)).optional(),
  Principal: z.union([z.literal('*'), z.record(z.string(), oneOrMore)]).optional(),
});
const documentSchema = z.object({ Statement: z.union([statementSchema.transform((statement) => [statement]), z.array(statementSchema)]) });

/** One statement of a policy. */
export type Statement = z.infer<typeof statementSchema>;

/** What is known of a request beside action and resource, by condition key: `s3:prefix`. */
export type RequestContext = Readonly<Record<string, string>>;

/**
 * Whether statements allow an action on a resource: some Allow matches and no Deny does. `*` and `?` are wildcards, actions have no case. Without a
 * context conditions count as if they held; with one they have to, and what the request does not carry meets none but `Null`.
 */
export function allows(statements: readonly Statement[], action: string, resource: string, context?: RequestContext): boolean {
  const matching = statements.filter((statement) =>
    statement.Action.some((pattern) => glob(pattern.toLowerCase(), action.toLowerCase())) && statement.Resource.some((pattern) => glob(pattern, resource)) && (context === undefined || holds(statement, context)));
  return matching.some(({ Effect }) => Effect === 'Allow') && matching.every(({ Effect }) => Effect === 'Allow');
}

/** @throws Error for an operator that the sandbox does not imitate */
function holds({ Condition = {} }: Statement, context: RequestContext): boolean {
  return Object.entries(Condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => {
      const value = context[key];
      if (operator === 'Null') return wanted.includes(String(value === undefined));
      return value !== undefined && wanted.some((pattern) => meets(operator, pattern, value));
    }));
}

function meets(operator: string, pattern: string, value: string): boolean {
  switch (operator) {
    case 'StringEquals':
    case 'Bool':
      return pattern === value;
    case 'StringLike':
    case 'ArnEquals':
    case 'ArnLike':
      return glob(pattern, value);
    default:
      throw new Error(`the sandbox does not imitate the condition operator ${operator}`);
  }
}

function glob(pattern: string, value: string): boolean {
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(value);
}

/** Whether a role may be taken: some statement of its trust policy names the principal, by kind, and its conditions hold. Such policies have no Deny here. */
export function trusts(inventory: Inventory, role: string, action: string, principal: Readonly<Record<string, string>>, context: RequestContext): boolean {
  const statements = parse(text(inventory.get(tokens.role, role)?.outputs ?? {}, 'assumeRolePolicy') ?? '{}');
  return statements.some((statement) => {
    const { Effect, Action, Principal } = statement;
    const named = typeof Principal === 'object' && Object.entries(principal).every(([kind, name]) => Principal[kind]?.includes(name) ?? false);
    return Effect === 'Allow' && named && Action.some((pattern) => glob(pattern.toLowerCase(), action.toLowerCase())) && holds(statement, context);
  });
}

/** The statements of all policies of a role, by its name; none where there is no such role. */
export function statementsOfRole(inventory: Inventory, name: string): Statement[] {
  const role = inventory.get(tokens.role, name);
  if (role === undefined) return [];
  const inline = inventory.ofType(tokens.rolePolicy).filter(({ outputs }) => text(outputs, 'role') === role.id).flatMap(({ outputs }) => text(outputs, 'policy') ?? []);
  const attached = [
    ...inventory.ofType(tokens.rolePolicyAttachment).filter(({ outputs }) => text(outputs, 'role') === role.id).flatMap(({ outputs }) => text(outputs, 'policyArn') ?? []),
    ...texts(role.outputs, 'managedPolicyArns'),
  ].flatMap((arn) => text(inventory.get(tokens.policy, arn)?.outputs ?? {}, 'policy') ?? []);
  const within = objects(role.outputs, 'inlinePolicies').flatMap((policy) => text(policy, 'policy') ?? []);
  return [...inline, ...attached, ...within].flatMap(parse);
}

/** What a bucket's policy says of everybody; nothing where it has none. */
export function statementsForEverybody(inventory: Inventory, bucket: string): Statement[] {
  const policies = inventory.ofType(tokens.bucketPolicy).filter(({ outputs }) => text(outputs, 'bucket') === bucket).flatMap(({ outputs }) => text(outputs, 'policy') ?? []);
  return policies.flatMap(parse).filter(({ Principal }) => Principal === '*');
}

function parse(policy: string): Statement[] {
  try {
    return documentSchema.parse(JSON.parse(policy)).Statement;
  } catch {
    // NotAction, NotResource and the like grant nothing here; the refusal then names what is missing.
    return [];
  }
}
