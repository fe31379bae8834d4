import { createLocalJWKSet, decodeJwt, errors, jwtVerify, type JSONWebKeySet, type JWTPayload } from 'jose';
import { z } from 'zod';
import { texts } from '../../provider/properties.js';
import { arn, type Cloud } from '../cloud.js';
import { AwsError } from '../errors.js';
import { trusts } from '../role-policies.js';
import * as tokens from '../types/tokens.js';
import type { RoleSession, RoleSessions } from './role-sessions.js';

const discoverySchema = z.looseObject({ jwks_uri: z.url() });
const keysSchema = z.looseObject({ keys: z.array(z.looseObject({ kty: z.string() })) });

/** What a service account's token has got. */
export interface WebIdentity {
  readonly session: RoleSession;
  readonly subject: string;
  readonly audience: string;
  readonly provider: string;
}

/**
 * Opens a session of a role for a token of a cluster's issuer: signed by a key that the cluster has published in its bucket, for an audience of the account's provider, and trusted by the role. That is all
 * that STS looks at; the request itself is not signed. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 * @throws AwsError with STS's codes
 */
export async function assumeRoleWithWebIdentity(cloud: Cloud, sessions: RoleSessions, form: URLSearchParams): Promise<WebIdentity> {
  const token = form.get('WebIdentityToken') ?? '';
  const role = (form.get('RoleArn') ?? '').split('/').at(-1) ?? '';
  const issuer = issuerOf(token);
  const provider = arn('iam', '', `oidc-provider/${issuer.replace(/^https:\/\//, '')}`);
  const known = cloud.inventory.get(tokens.openIdConnectProvider, provider);
  if (known === undefined) throw new AwsError('InvalidIdentityToken', `No OpenIDConnect provider found in your account for ${issuer}`);
  const { sub, aud } = await verified(cloud, token, issuer, texts(known.outputs, 'clientIdLists'));
  const [subject, audience] = [sub ?? '', [aud].flat().find((one) => one !== undefined) ?? ''];
  const name = issuer.replace(/^https:\/\//, '');
  if (!trusts(cloud.inventory, role, 'sts:AssumeRoleWithWebIdentity', { Federated: provider }, { [`${name}:sub`]: subject, [`${name}:aud`]: audience })) {
    throw new AwsError('AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity', 403);
  }
  return { session: sessions.open(form.get('RoleSessionName') ?? subject, role), subject, audience, provider };
}

function issuerOf(token: string): string {
  try {
    return decodeJwt(token).iss ?? '';
  } catch {
    throw new AwsError('InvalidIdentityToken', 'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)');
  }
}

async function verified(cloud: Cloud, token: string, issuer: string, audiences: string[]): Promise<JWTPayload> {
  const { jwks_uri: address } = discoverySchema.parse(published(cloud, `${issuer}/.well-known/openid-configuration`));
  const keys = keysSchema.parse(published(cloud, address)) as JSONWebKeySet;
  try {
    return (await jwtVerify(token, createLocalJWKSet(keys), { issuer, audience: audiences })).payload;
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw new AwsError('ExpiredTokenException', 'Token expired');
    if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'aud') throw new AwsError('InvalidIdentityToken', 'Incorrect token audience');
    if (error instanceof errors.JOSEError) throw new AwsError('InvalidIdentityToken', 'Couldn\'t retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements');
    throw error;
  }
}

/** A document of an issuer that lies in a bucket of this cloud, by its address. */
function published(cloud: Cloud, address: string): unknown {
  const { hostname, pathname } = new URL(address);
  const [bucket = ''] = hostname.split('.s3.');
  const found = cloud.objects.get(bucket, pathname.slice(1));
  if (found === undefined || found.deleted) throw new AwsError('InvalidIdentityToken', `Couldn't retrieve ${address} from your identity provider`);
  return JSON.parse(Buffer.from(found.body, 'base64').toString('utf8')) as unknown;
}
