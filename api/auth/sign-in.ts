import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import { z } from 'zod';
import { ClusterwrightError } from '../../model/errors.js';
import { uuidSchema } from '../../model/fields.js';
import type { EntraSettings } from '../../model/http-settings.js';
import { anonymous, grantsOf, type Caller, type Tenancy } from '../../model/tenancy.js';

/** Tells who sends a request. */
export interface SignIn {
  /** Who sends a request with this `Authorization` header. Throws `unauthenticated`, `group-overage` and `identity-unavailable`. */
  callerOf(authorization: string | undefined): Promise<Caller>;
}

/** No sign-in: everybody who reaches the service may do everything, which is why it listens on loopback alone. */
export const openSignIn: SignIn = { callerOf: () => Promise.resolve(anonymous) };

/** Clocks of issuers may be this far from ours, in seconds. */
const clockToleranceSeconds = 60;

/** Keys are read again after this time, and for a key that is not known at most this often, in milliseconds. */
export const keyTimes = { cacheMs: 3_600_000, cooldownMs: 30_000, timeoutMs: 5000 };

/**
 * Claims of version 2.0 access tokens. Source: "Access token claims reference" of Microsoft's documentation. `idtyp` is optional, so that the older sign tells
 * applications too: their `sub` is their object id.
 */
const claimsSchema = z.object({
  oid: uuidSchema,
  tid: uuidSchema,
  sub: z.string(),
  exp: z.number(),
  azp: z.string().optional(),
  scp: z.string().optional(),
  idtyp: z.string().optional(),
  preferred_username: z.string().max(256).optional(),
  roles: z.array(z.string()).default([]),
  groups: z.array(uuidSchema).optional(),
  hasgroups: z.union([z.boolean(), z.string()]).optional(),
  _claim_names: z.object({ groups: z.string().optional() }).optional(),
});
type Claims = z.output<typeof claimsSchema>;

/** Sign-in with access tokens of one tenant of Microsoft Entra ID. Its keys are read from it, kept, and read again when a token names a new one. */
export function entraSignIn({ tenantId, audiences, authority, issuer }: EntraSettings, tenancy: Tenancy, times: typeof keyTimes = keyTimes): SignIn {
  const keys = createRemoteJWKSet(new URL(`${authority}/${tenantId}/discovery/v2.0/keys`), { cacheMaxAge: times.cacheMs, cooldownDuration: times.cooldownMs, timeoutDuration: times.timeoutMs });
  return {
    async callerOf(authorization) {
      const token = bearer(authorization);
      const { payload } = await jwtVerify(token, keys, {
        issuer, audience: [...audiences], algorithms: ['RS256'], clockTolerance: clockToleranceSeconds, requiredClaims: ['exp', 'iat', 'oid', 'tid'],
      }).catch((error: unknown) => {
        throw refusal(error, issuer, audiences);
      });
      const parsed = claimsSchema.safeParse(payload);
      if (!parsed.success) throw invalid(`Its claims are not those of an access token of version 2.0: ${parsed.error.issues.map(({ path }) => path.join('.')).join(', ')}.`, parsed.error);
      if (parsed.data.tid !== tenantId) throw invalid('It is from another tenant.');
      return callerFrom(parsed.data, tenancy);
    },
  };
}

function callerFrom(claims: Claims, tenancy: Tenancy): Caller {
  const { oid, roles: applicationRoles, groups, exp } = claims;
  const common = { until: exp * 1000 };
  // Permissions are given to people's tokens alone.
  if (claims.scp !== undefined && claims.scp !== '') {
    const grants = grantsOf(tenancy, { groups: groups ?? [], applicationRoles });
    const leftOut = groups === undefined && (claims._claim_names?.groups !== undefined || claims.hasgroups === true || claims.hasgroups === 'true');
    if (grants.length === 0 && leftOut) throw new ClusterwrightError('group-overage', 'The caller is in so many groups that the token names none of them.');
    return { kind: 'person', id: `person:${oid}`, name: claims.preferred_username ?? oid, grants, ...common };
  }
  if (claims.idtyp === 'app' || claims.sub === oid) {
    return { kind: 'application', id: `application:${oid}`, name: claims.azp ?? oid, grants: grantsOf(tenancy, { groups: [], applicationRoles }), ...common };
  }
  throw invalid('It is neither a person\'s access token nor an application\'s. ID tokens are not accepted.');
}

function bearer(authorization: string | undefined): string {
  if (authorization === undefined) throw new ClusterwrightError('unauthenticated', 'The request has no Authorization header.');
  const [, token] = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization) ?? [];
  if (token === undefined) throw new ClusterwrightError('unauthenticated', 'The Authorization header holds no bearer token.');
  return token;
}

function invalid(why: string, cause?: unknown): ClusterwrightError {
  return new ClusterwrightError('unauthenticated', `The token is not accepted. ${why}`, { cause });
}

/** What the library throws, in words that help and tell nothing of the token. */
function refusal(error: unknown, issuer: string, audiences: readonly string[]): ClusterwrightError {
  if (error instanceof errors.JWTExpired) return invalid('It has ended: get a new one.', error);
  if (error instanceof errors.JWTClaimValidationFailed) {
    switch (error.claim) {
      case 'iss':
        return invalid(`It must be issued by ${issuer}: the right tenant, and "accessTokenAcceptedVersion": 2 in the registration's manifest.`, error);
      case 'aud':
        return invalid(`It must be for ${audiences.join(' or ')}.`, error);
      default:
        return invalid(`Its claim "${error.claim}" is not right.`, error);
    }
  }
  if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) return invalid('It is not signed by a key of the tenant.', error);
  if (error instanceof errors.JOSEAlgNotAllowed) return invalid('It must be signed with RS256.', error);
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid || error instanceof errors.JOSENotSupported) return invalid('It is no signed token.', error);
  return new ClusterwrightError('identity-unavailable', 'The keys of the tenant could not be read.', { cause: error });
}
