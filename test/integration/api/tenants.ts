import { entraSignIn, type ApiDependencies } from '../../../api/index.js';
import { parseTenancy, type Tenancy } from '../../../model/tenancy.js';
import { EntraSandbox } from '../../support/entra-sandbox.js';
import { startApi, type RunningApi } from './harness.js';

const uuid = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

export const tenantId = uuid(1);
export const audience = uuid(2);

/** Groups of the tenant: one for each role over the owner `payments`, one for an operator of `search`, one for an admin of all, and one with a role nowhere. */
export const groups = { viewer: uuid(11), operator: uuid(12), admin: uuid(13), stranger: uuid(14), everything: uuid(15), unknown: uuid(16) };

export const tenancy: Tenancy = parseTenancy({
  grants: [
    { group: groups.viewer, role: 'viewer', owners: ['payments'] },
    { group: groups.operator, role: 'operator', owners: ['payments'] },
    { group: groups.admin, role: 'admin', owners: ['payments'] },
    { group: groups.stranger, role: 'operator', owners: ['search'] },
    { group: groups.everything, role: 'admin', owners: ['*'] },
    { applicationRole: 'Portal.Payments', role: 'operator', owners: ['payments'] },
  ],
  quotas: { bounded: { clusters: 2, nodes: 30, machineTypes: ['m7i.large', 'm7i.xlarge'], regions: ['eu-west-1'], templates: ['production'] } },
}, 'tenancy.yaml');

const portal = { id: uuid(90), servicePrincipalId: uuid(91), secret: 'portal-secret' };

const directory = {
  displayName: 'Tenants',
  groups: [...Object.entries(groups).map(([displayName, id]) => ({ id, displayName })), ...Array.from({ length: 201 }, (_, index) => ({ id: uuid(1000 + index), displayName: `g${index}` }))],
  users: [
    ...Object.entries(groups).map(([name, group], index) => ({ id: uuid(50 + index), userPrincipalName: `${name}@tenant.example`, displayName: name, groups: [group] })),
    { id: uuid(70), userPrincipalName: 'many@tenant.example', displayName: 'many', groups: [groups.operator, ...Array.from({ length: 201 }, (_, index) => uuid(1000 + index))] },
    { id: uuid(71), userPrincipalName: 'many-with-role@tenant.example', displayName: 'many', groups: Array.from({ length: 201 }, (_, index) => uuid(1000 + index)), roles: { [audience]: ['Portal.Payments'] } },
  ],
  applications: [
    { ...portal, displayName: 'portal', roles: { [audience]: ['Portal.Payments'] }, groups: [groups.everything] },
    { id: uuid(92), servicePrincipalId: uuid(93), secret: 'other-secret', displayName: 'without a role' },
  ],
};

/** Somebody of the tenant, by the name of a user or the client id of an application. */
export type Who = { readonly user: string } | { readonly application: string };
export const thePortal: Who = { application: portal.id };
export const applicationWithoutRole: Who = { application: uuid(92) };
export const person = (name: string): Who => ({ user: `${name}@tenant.example` });

/** An API that takes tokens of a tenant of the stand-in for Entra ID. */
export interface SignedInApi {
  readonly api: RunningApi;
  readonly entra: EntraSandbox;
  /** What was written to the audit file. */
  readonly lines: string[];
  token(who: Who, more?: { audience?: string; tenant?: string }): Promise<string>;
  /** Sends a request as somebody, or without a token. */
  as(who: Who | undefined, method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  stop(): Promise<void>;
}

/** Starts one. Unknown keys are asked for without delay, so that a rotation can be tried. */
export async function startSignedInApi(overrides: Partial<ApiDependencies> = {}): Promise<SignedInApi> {
  const entra = await EntraSandbox.start();
  await entra.call('PUT', `/entra/tenants/${tenantId}`, directory);
  const issuer = `https://login.microsoftonline.com/${tenantId}/v2.0`;
  const settings = { tenantId, audiences: [audience], authority: entra.authority, issuer, tenancyFile: '' };
  const lines: string[] = [];
  const api = await startApi({ signIn: entraSignIn(settings, tenancy, { cacheMs: 3_600_000, cooldownMs: 0, timeoutMs: 5000 }), tenancy, audit: { write: (line) => void lines.push(line), keepDays: 400 }, ...overrides });
  const tokens = new Map<string, Promise<string>>();
  const token = (who: Who, more: { audience?: string; tenant?: string } = {}): Promise<string> => entra.token({ tenant: tenantId, audience, ...who, ...more });
  return {
    api, entra, lines, token,
    async as(who, method, path, body, headers = {}) {
      const key = JSON.stringify(who);
      if (who !== undefined && !tokens.has(key)) tokens.set(key, token(who));
      return api.send(method, path, body, { ...(who === undefined ? {} : { authorization: `Bearer ${await tokens.get(key)}` }), ...headers });
    },
    async stop() {
      await api.stop();
      await entra.stop();
    },
  };
}
