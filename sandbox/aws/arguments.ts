import { z } from 'zod';
import type { CheckFailure } from '../protocol/provider.js';
import type { PropertyMap } from '../protocol/values.js';
import { hasUnknown } from '../protocol/values.js';
import { accountId } from './cloud.js';
import { isRegion } from './regions.js';

const assumeRoleSchema = z.looseObject({ roleArn: z.string(), externalId: z.string().optional(), sessionName: z.string().optional() });

/** The provider arguments that change what the sandbox does; all others of the real provider are accepted and ignored. */
const argumentsSchema = z.looseObject({
  region: z.string().refine(isRegion, { error: (issue) => `invalid AWS Region: ${String(issue.input)}` }),
  allowedAccountIds: z.array(z.string()).optional(),
  forbiddenAccountIds: z.array(z.string()).optional(),
  assumeRoles: z.array(assumeRoleSchema).optional(),
  defaultTags: z.looseObject({ tags: z.record(z.string(), z.string()).optional() }).optional(),
  maxRetries: z.coerce.number().int().min(0).default(25),
});

/** Understood provider arguments. */
export type ProviderArguments = z.infer<typeof argumentsSchema>;

/** Faults of provider arguments; nothing is said about those that a preview does not know. */
export function checkArguments(args: PropertyMap): CheckFailure[] {
  const known = Object.fromEntries(Object.entries(args).filter(([, value]) => !hasUnknown(value)));
  if (args['region'] === undefined) return [{ property: 'region', reason: 'Missing region configuration: set aws:region or pass region to an explicit provider' }];
  const result = argumentsSchema.partial({ region: true }).safeParse(known);
  return result.success ? [] : result.error.issues.map((issue) => ({ property: issue.path.join('.'), reason: issue.message }));
}

/**
 * Reads complete arguments and does what the real provider does at this point: it assumes the roles and compares the account.
 * @param roleExists whether STS would let the caller assume a role with this ARN.
 */
export function openArguments(args: PropertyMap, roleExists: (roleArn: string) => boolean): ProviderArguments {
  const parsed = argumentsSchema.parse(args);
  for (const { roleArn } of parsed.assumeRoles ?? []) {
    if (!roleExists(roleArn)) {
      throw new Error(
        `Cannot assume IAM Role: operation error STS: AssumeRole, api error AccessDenied: User: arn:aws:iam::${accountId}:user/sandbox is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
      );
    }
  }
  if (parsed.allowedAccountIds !== undefined && parsed.allowedAccountIds.length > 0 && !parsed.allowedAccountIds.includes(accountId)) {
    throw new Error(`AWS account ID not allowed: ${accountId}`);
  }
  if (parsed.forbiddenAccountIds?.includes(accountId) === true) throw new Error(`AWS account ID not allowed: ${accountId}`);
  return parsed;
}
