import { z } from 'zod';
import { cidrSchema } from './fields.js';
import { ClusterwrightError } from './errors.js';
import { checkDocument } from './faults.js';
import type { ClusterSpec } from './spec.js';

/** How a worker gets to the API server of a private cluster. */
const awsReachSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('peering').describe('The program peers the cluster\'s network with the worker\'s'),
    vpcId: z.string().regex(/^vpc-[a-z0-9]+$/, 'must be a VPC id'),
    cidr: cidrSchema.describe('The worker network\'s addresses'),
    routeTableIds: z.array(z.string().regex(/^rtb-[a-z0-9]+$/, 'must be a route table id')).min(1),
  }),
  z.strictObject({ type: z.literal('public').describe('Only clusters with a public API server can be made') }),
  z.strictObject({ type: z.literal('tunnel') }),
]);

/** An AWS account as the accounts file names it. */
export const awsAccountSchema = z.strictObject({
  accountId: z.string().regex(/^[0-9]{12}$/, 'must be 12 digits'),
  roleArn: z.string().regex(/^arn:aws[a-z-]*:iam::[0-9]{12}:role\/.+$/, 'must be the ARN of a role').optional(),
  externalId: z.string().min(2).optional(),
  /** Addresses by service (`ssm`, `s3`, `sts`, …) where an emulator or a private link stands in. */
  endpoints: z.record(z.string(), z.url()).optional(),
  reach: awsReachSchema,
});

/** The accounts file: where clusters may be made, by name. No secret stands in it. */
export const accountsFileSchema = z.strictObject({ accounts: z.record(z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/), z.strictObject({ aws: awsAccountSchema.optional() })) });

/** The accounts by name. */
export type Accounts = z.infer<typeof accountsFileSchema>['accounts'];
/** An AWS account: its id, the role to assume, and how its private clusters are reached. */
export type AwsAccount = z.infer<typeof awsAccountSchema>;

/** Checks a parsed accounts file. Throws `accounts-invalid` with every fault. */
export function parseAccounts(document: unknown, file: string): Accounts {
  const { data, faults } = checkDocument(accountsFileSchema, document);
  if (data) return data.accounts;
  throw new ClusterwrightError('accounts-invalid', `${file}: ${faults.map((fault) => `${fault.pointer || '(document)'} ${fault.detail}`).join('; ')}.`, { resource: file, faults });
}

/** The account that a spec names, on its cloud. Throws `account-unknown`. */
export function accountOf(accounts: Accounts, { account: name, provider }: Pick<ClusterSpec, 'account' | 'provider'>): AwsAccount {
  const account = accounts[name]?.[provider];
  if (account === undefined) throw new ClusterwrightError('account-unknown', `"${name}" is not an account for ${provider} in the accounts file.`, { resource: name });
  return account;
}
