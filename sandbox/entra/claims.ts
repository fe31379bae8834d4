import { createHash } from 'node:crypto';
import type { Application, User } from './tenant.js';

/** Beyond this, a JWT of Entra's has no groups. Source: "Configure group claims for applications" of Microsoft's documentation. */
const mostGroups = 200;

/** Who a token is about. */
export type Principal = { readonly user: User } | { readonly application: Application };

/** The object id that is `oid` in tokens. */
export function objectId(principal: Principal): string {
  return 'user' in principal ? principal.user.id : principal.application.servicePrincipalId;
}

/** What v2.0 tokens say about a principal to an audience, an application (client) id, besides who issued them and when. */
export function principalClaims(tenantId: string, principal: Principal, audience: string): Record<string, unknown> {
  const { groups, roles } = 'user' in principal ? principal.user : principal.application;
  const assigned = roles[audience] ?? [];
  return {
    ver: '2.0',
    tid: tenantId,
    oid: objectId(principal),
    ...('user' in principal ? { name: principal.user.displayName, preferred_username: principal.user.userPrincipalName } : {}),
    ...(assigned.length > 0 ? { roles: assigned } : {}),
    ...groupsClaim(tenantId, principal, groups),
  };
}

/**
 * Who is in no group has no claim, rather than an empty one, and above 200 there is a pointer instead of a list. The pointer still names the retired
 * Azure AD Graph.
 */
function groupsClaim(tenantId: string, principal: Principal, groups: readonly string[]): Record<string, unknown> {
  if (groups.length === 0) return {};
  if (groups.length <= mostGroups) return { groups };
  const collection = 'user' in principal ? 'users' : 'servicePrincipals';
  return {
    _claim_names: { groups: 'src1' },
    _claim_sources: { src1: { endpoint: `https://graph.windows.net/${tenantId}/${collection}/${objectId(principal)}/getMemberObjects` } },
  };
}

/** `sub` of an access token: another one at each audience for a person, the object id for an application. */
export function subject(principal: Principal, audience: string): string {
  return 'user' in principal ? createHash('sha256').update(`${audience} ${principal.user.id}`).digest('base64url') : objectId(principal);
}
