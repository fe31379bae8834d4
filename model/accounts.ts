import { z } from 'zod';
import { cidrSchema, uuidSchema } from './fields.js';
import { ClusterwrightError } from './errors.js';
import { checkDocument } from './faults.js';
import type { ClusterSpec } from './spec.js';

const publicReach = z.strictObject({ type: z.literal('public').describe('Only clusters with a public API server can be made') });
const tunnelReach = z.strictObject({ type: z.literal('tunnel') });

/** How a worker gets to the API server of a private cluster. */
const awsReachSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('peering').describe('The program peers the cluster\'s network with the worker\'s'),
    vpcId: z.string().regex(/^vpc-[a-z0-9]+$/, 'must be a VPC id'),
    cidr: cidrSchema.describe('The worker network\'s addresses'),
    routeTableIds: z.array(z.string().regex(/^rtb-[a-z0-9]+$/, 'must be a route table id')).min(1),
  }),
  publicReach,
  tunnelReach,
]);

const azureReachSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('peering').describe('The program peers the cluster\'s network with the worker\'s, in both directions'),
    networkId: z.string().regex(/^\/subscriptions\/[0-9a-fA-F-]{36}\/resourceGroups\/[^/]+\/providers\/Microsoft\.Network\/virtualNetworks\/[^/]+$/, 'must be the id of a virtual network'),
    cidr: cidrSchema.describe('The worker network\'s addresses'),
  }),
  publicReach,
  tunnelReach,
]);

/** An AWS account as the accounts file names it. */
export const awsAccountSchema = z.strictObject({
  provider: z.literal('aws').default('aws'),
  accountId: z.string().regex(/^[0-9]{12}$/, 'must be 12 digits'),
  roleArn: z.string().regex(/^arn:aws[a-z-]*:iam::[0-9]{12}:role\/.+$/, 'must be the ARN of a role').optional(),
  externalId: z.string().min(2).optional(),
  /** Addresses by service (`ssm`, `s3`, `sts`, …) where an emulator or a private link stands in. */
  endpoints: z.record(z.string(), z.url()).optional(),
  reach: awsReachSchema,
});

/** An Azure subscription as the accounts file names it. */
export const azureAccountSchema = z.strictObject({
  provider: z.literal('azure').default('azure'),
  subscriptionId: uuidSchema,
  tenantId: uuidSchema,
  /** The application that the service signs in as, by workload identity (`AZURE_FEDERATED_TOKEN_FILE`), a certificate or a secret of its own environment; absent: a managed identity. */
  clientId: uuidSchema.optional(),
  /** Addresses by service (`management`, `login`, `vault`, `blob`) where an emulator or a private link stands in. */
  endpoints: z.record(z.string(), z.url()).optional(),
  /** Public addresses that the worker's calls come from, let through the firewalls of the provisioner's vault and the backups' storage account. */
  workerCidrs: z.array(cidrSchema).default([]),
  reach: azureReachSchema,
});

/** An account of any cloud, as one process tells another. */
export const accountSchema = z.union([awsAccountSchema, azureAccountSchema]);

/** The accounts file: where clusters may be made, by name. No secret stands in it. */
export const accountsFileSchema = z.strictObject({ accounts: z.record(z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/), z.strictObject({ aws: awsAccountSchema.optional(), azure: azureAccountSchema.optional() })) });

/** The accounts by name. */
export type Accounts = z.infer<typeof accountsFileSchema>['accounts'];
/** An AWS account: its id, the role to assume, and how its private clusters are reached. */
export type AwsAccount = z.infer<typeof awsAccountSchema>;
/** An Azure subscription: its tenant, who the service is there, and how its private clusters are reached. */
export type AzureAccount = z.infer<typeof azureAccountSchema>;
/** An account on some cloud. */
export type Account = z.infer<typeof accountSchema>;

/** Checks a parsed accounts file. Throws `accounts-invalid` with every fault. */
export function parseAccounts(document: unknown, file: string): Accounts {
  const { data, faults } = checkDocument(accountsFileSchema, document);
  if (data) return data.accounts;
  throw new ClusterwrightError('accounts-invalid', `${file}: ${faults.map((fault) => `${fault.pointer || '(document)'} ${fault.detail}`).join('; ')}.`, { resource: file, faults });
}

/** The account that a spec names, on its cloud. Throws `account-unknown`. */
export function accountOf(accounts: Accounts, { account: name, provider }: Pick<ClusterSpec, 'account' | 'provider'>): Account {
  const account = accounts[name]?.[provider];
  if (account === undefined) throw new ClusterwrightError('account-unknown', `"${name}" is not an account for ${provider} in the accounts file.`, { resource: name });
  return account;
}
