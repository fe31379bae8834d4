import os from 'node:os';
import type { Account, Accounts } from '../../model/accounts.js';
import { cidr } from '../../model/cidr.js';
import { isClusterwrightError } from '../../model/errors.js';
import { resolveRequest } from '../../model/resolve.js';
import { providers, type ClusterSpec, type Provider } from '../../model/spec.js';
import { openCloud, type Cloud, type Permissions } from '../../worker/cloud/index.js';
import { loadAccounts } from '../accounts.js';
import { loadCatalogue } from '../catalogue.js';
import { look, missing, ok, warn, type Finding } from './finding.js';

/** One side of an account: what stands under its name for one cloud. */
export interface AccountSide {
  readonly name: string;
  readonly provider: Provider;
  readonly account: Account;
}

/** The accounts file, read as every process reads it; with nothing in it no cluster can be made. */
export async function accountsFile(file: string): Promise<{ findings: readonly Finding[]; accounts: Accounts }> {
  let accounts: Accounts = {};
  const findings = await look('accounts', async () => {
    accounts = await loadAccounts(file);
    const sides = sidesOf(accounts);
    return sides.length === 0 ? missing('accounts', `${file} has no account: add one (docs/accounts.md).`) : ok('accounts', `${sides.map(({ name, provider }) => `${name} on ${provider}`).join(', ')} (${file})`);
  });
  return { findings, accounts };
}

/** Every side of every account, in the file's order. */
export function sidesOf(accounts: Accounts): AccountSide[] {
  return Object.entries(accounts).flatMap(([name, sides]) => providers.flatMap((provider): AccountSide[] => {
    const account = sides[provider];
    return account === undefined ? [] : [{ name, provider, account }];
  }));
}

const about = ({ name, provider }: AccountSide): string => `account ${name} (${provider})`;

/** Whether the service is let into an account, and whether it is the one that the file names. */
export async function identityFindings(side: AccountSide, region: string, limitMs?: number): Promise<readonly Finding[]> {
  const { account } = side;
  return look(about(side), async () => {
    const cloud = await opened(side, region);
    await cloud.checkIdentity();
    return ok(about(side), account.provider === 'aws' ? `AWS lets us in as ${account.roleArn ?? 'ourselves'}, in ${account.accountId}.` : `Azure lets us in; the subscription ${account.subscriptionId} is enabled, in its tenant.`);
  }, limitMs);
}

/** Whether the account gives all rights that programs and worker need. */
export async function permissionFindings(side: AccountSide, region: string, limitMs?: number): Promise<readonly Finding[]> {
  return look(about(side), async () => permissionFinding(side, await (await opened(side, region)).permissions()), limitMs);
}

/** Looks at an account with a cluster of the template `production` in mind: identity, rights, quotas, reach. Nothing is made. */
export async function accountFindings(side: AccountSide, accounts: Accounts, wantedRegion: string | undefined): Promise<readonly Finding[]> {
  const spec = await exampleSpec(side, accounts, wantedRegion);
  const identity = await identityFindings(side, spec.region);
  // Whoever is not let in has no rights either: one sentence about it is enough.
  if (identity.some(({ level }) => level === 'missing')) return identity;
  const cloud = await opened(side, spec.region);
  const rest = await Promise.all([
    permissionFindings(side, spec.region),
    look(about(side), async () => {
      await cloud.checkQuotas(spec);
      return ok(about(side), `Its quotas in ${spec.region} do not stand in the way of a cluster of the template "production".`);
    }),
    look(about(side), () => reachFindings(side, cloud)),
  ]);
  return [...identity, ...rest.flat()];
}

/** As many as a line can bear; the policy has them all. */
const namedRights = 8;

function permissionFinding(side: AccountSide, { by, checked, missing: absent }: Permissions): Finding {
  const how = side.provider === 'aws' ? 'give the role the policies that "npm run doctor -- policy aws" prints' : 'give the identity the roles of docs/accounts.md, or the one that "npm run doctor -- policy azure" prints';
  if (absent.length > 0) {
    const more = absent.length > namedRights ? ` and ${absent.length - namedRights} more` : '';
    return missing(about(side), `It may not do ${absent.slice(0, namedRights).join(', ')}${more}: ${how}.`);
  }
  if (by === 'trial') return warn(about(side), `It may not ask IAM about itself; the ${checked} things that can be tried without a trace it may do. Give it iam:SimulatePrincipalPolicy to have all of them looked at.`);
  return ok(about(side), `It may do all ${checked} things that programs and worker need.`);
}

async function reachFindings(side: AccountSide, cloud: Cloud): Promise<readonly Finding[]> {
  const { account } = side;
  switch (account.reach.type) {
    case 'tunnel':
      return [missing(about(side), 'Its reach is a tunnel, which this version does not have: name "peering" or "public".')];
    case 'public':
      return [warn(about(side), 'Its reach is public: only clusters with a public API server can be made, for the worker\'s addresses among others.')];
    case 'peering': {
      const fault = await cloud.reachFault();
      if (fault !== undefined) return [missing(about(side), `Its reach ${fault}: correct it in the accounts file.`)];
      const network = account.reach.cidr;
      const inside = Object.values(os.networkInterfaces()).flat().some((address) => address?.family === 'IPv4' && cidr(network).contains(address.address));
      return [
        inside ? ok(about(side), `This machine is in its worker network ${network}.`) : warn(about(side), `Its worker network ${network} is there, but this machine has no address in it: run workers where they have, or where their packets come from it.`),
        ...(account.provider === 'azure' && account.workerCidrs.length === 0 ? [warn(about(side), 'It has no workerCidrs: the firewalls of vaults and storage let the worker in by private endpoints only.')] : []),
      ];
    }
  }
}

function opened({ account }: AccountSide, region: string): Promise<Cloud> {
  return openCloud({ name: 'doctor', uid: 'doctor000000', region }, account);
}

/** A cluster that could be made in the account: the template `production` where its region is the template's, or the one that is asked for. */
export async function exampleSpec({ name, provider }: AccountSide, accounts: Accounts, region: string | undefined): Promise<ClusterSpec> {
  const nobody = '00000000-0000-4000-8000-000000000000';
  const request = (more: Record<string, string>) => ({
    name: 'doctor', template: 'production', provider, account: name, access: { entra: { tenantId: nobody, clientId: nobody }, groups: [{ id: nobody, role: 'admin' }] }, ...more,
  });
  const context = { catalogue: await loadCatalogue(), accounts };
  try {
    return resolveRequest(request(region === undefined ? {} : { region }), context);
  } catch (error) {
    // A region of the other cloud, for one: each side then looks at its own.
    if (region === undefined || !isClusterwrightError(error)) throw error;
    return resolveRequest(request({}), context);
  }
}
