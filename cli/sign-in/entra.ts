import type * as openid from 'openid-client';
import { z } from 'zod';
import { exitCodes } from '../exit-codes.js';
import { CommandFailure } from '../failure.js';
import { refuseInTheClear, type Environment, variable } from '../settings.js';

/** Where and as which application somebody signs in. */
export interface Registration {
  readonly authority: string;
  readonly tenant: string;
  /** Client id of the application that this program is to Entra. */
  readonly client: string;
  /** Client id, or `api://` address, of the service's registration. */
  readonly audience: string;
}

/** A registration out of options and the environment. Throws where something is missing. */
export function registrationFrom(given: Partial<Registration>, environment: Environment): Registration {
  const client = given.client ?? variable(environment, 'CLUSTERWRIGHT_CLIENT_ID');
  const tenant = given.tenant ?? variable(environment, 'CLUSTERWRIGHT_ENTRA_TENANT');
  if (client === undefined || tenant === undefined) {
    const missing = [...(tenant === undefined ? ['--tenant or CLUSTERWRIGHT_ENTRA_TENANT'] : []), ...(client === undefined ? ['--client or CLUSTERWRIGHT_CLIENT_ID'] : [])];
    throw new CommandFailure(exitCodes.refused, `To sign in, ${missing.join(' and ')} must be given.`, 'Whoever runs the service knows the ids of its tenant and registrations.');
  }
  return {
    authority: (given.authority ?? variable(environment, 'CLUSTERWRIGHT_ENTRA_AUTHORITY') ?? 'https://login.microsoftonline.com').replace(/\/+$/, ''),
    tenant,
    client,
    audience: given.audience ?? variable(environment, 'CLUSTERWRIGHT_ENTRA_AUDIENCE') ?? client,
  };
}

/** Tokens, and how long the access token is good, in seconds. */
export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  readonly expiresIn: number;
  /** Who signed in, for people. */
  readonly user: string | undefined;
}

/** What a person has to do to sign in. */
export interface DeviceCode {
  readonly url: string;
  readonly code: string;
}

/** Signs a person in on another device. @param show is told what that person has to do */
export async function byDeviceCode(registration: Registration, show: (code: DeviceCode) => void, signal: AbortSignal): Promise<Tokens> {
  const { library, configuration } = await open(registration);
  return asking(async () => {
    const asked = await library.initiateDeviceAuthorization(configuration, { scope: `openid profile offline_access ${scopeOf(registration)}` });
    show({ url: asked.verification_uri, code: asked.user_code });
    return tokensOf(await library.pollDeviceAuthorizationGrant(configuration, asked, undefined, { signal }));
  });
}

/** Tokens for a refresh token. */
export async function byRefreshToken(registration: Registration, refreshToken: string): Promise<Tokens> {
  const { library, configuration } = await open(registration);
  return asking(async () => tokensOf(await library.refreshTokenGrant(configuration, refreshToken, { scope: `openid profile offline_access ${scopeOf(registration)}` })));
}

/** A token of an application's own, for its secret. */
export async function byClientCredentials(registration: Registration, clientSecret: string): Promise<Tokens> {
  const { library, configuration } = await open(registration, clientSecret);
  return asking(async () => tokensOf(await library.clientCredentialsGrant(configuration, { scope: scopeOf(registration) })));
}

function scopeOf({ audience }: Registration): string {
  return `${audience}/.default`;
}

const metadataSchema = z.object({ issuer: z.url(), token_endpoint: z.url(), device_authorization_endpoint: z.url() });

/** The library is loaded when somebody signs in: most commands have a token already. */
async function open({ authority, tenant, client }: Registration, clientSecret?: string): Promise<{ library: typeof openid; configuration: openid.Configuration }> {
  refuseInTheClear(authority, 'A sign-in');
  const base = `${authority}/${encodeURIComponent(tenant)}/v2.0`;
  const answer = await fetch(`${base}/.well-known/openid-configuration`, { signal: AbortSignal.timeout(30_000) }).catch((error: unknown) => {
    throw new CommandFailure(exitCodes.unreachable, `${authority} does not answer: ${reason(error)}`);
  });
  const read = metadataSchema.safeParse(await answer.json().catch(() => undefined));
  if (!answer.ok || !read.success) throw new CommandFailure(exitCodes.forbidden, `${authority} knows no tenant ${tenant}.`);
  // Of an authority on this machine, which stands in for Entra, the issuer is Entra's.
  if (authority.startsWith('https:') && read.data.issuer !== base) throw new CommandFailure(exitCodes.forbidden, `${authority} answers for another issuer, ${read.data.issuer}.`);
  const library = await import('openid-client');
  const configuration = new library.Configuration(read.data, client, undefined, clientSecret === undefined ? library.None() : library.ClientSecretPost(clientSecret));
  if (authority.startsWith('http:')) library.allowInsecureRequests(configuration);
  return { library, configuration };
}

function tokensOf(answer: openid.TokenEndpointResponse & openid.TokenEndpointResponseHelpers): Tokens {
  const user = answer.claims()?.['preferred_username'];
  return { accessToken: answer.access_token, refreshToken: answer.refresh_token, expiresIn: answer.expiresIn() ?? 300, user: typeof user === 'string' ? user : undefined };
}

const refusalSchema = z.object({ error: z.string(), error_description: z.string().optional() });

/** Says what Entra answered in the case of a refusal. */
async function asking<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const refusal = refusalSchema.safeParse(error);
    if (refusal.success) throw new CommandFailure(exitCodes.forbidden, `Entra ID refuses the sign-in: ${refusal.data.error}${refusal.data.error_description === undefined ? '' : ` (${refusal.data.error_description.split('\n')[0] ?? ''})`}.`);
    throw new CommandFailure(exitCodes.unexpected, `The sign-in did not work: ${reason(error)}`);
  }
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reason(error.cause) : error.message;
}
