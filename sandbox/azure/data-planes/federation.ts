import { createLocalJWKSet, decodeJwt, errors, jwtVerify, type JSONWebKeySet } from 'jose';
import { z } from 'zod';
import type { Federation } from '../../entra/federation.js';
import type { Item } from '../../inventory/item.js';
import { text, texts } from '../../provider/properties.js';
import { tenantId } from '../cloud.js';
import { AzureError } from '../errors.js';
import { hostNameOf, machineTypes } from '../machines.js';
import * as tokens from '../types/tokens.js';
import { blob } from './blob.js';
import type { DataPlanes } from './data-planes.js';

/** What is read of an assertion. The API server writes into it on which node the pod runs that it is for. */
const assertionSchema = z.object({
  iss: z.string(), sub: z.string(), aud: z.union([z.string(), z.array(z.string())]).transform((audience) => [audience].flat()),
  'kubernetes.io': z.object({ node: z.object({ name: z.string() }).optional() }).optional(),
});
type Assertion = z.output<typeof assertionSchema>;
const discoverySchema = z.looseObject({ jwks_uri: z.url() });
const keysSchema = z.looseObject({ keys: z.array(z.looseObject({ kty: z.string() })) });

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/**
 * Gives a managed identity's token for one of a cluster's issuer: one that fits a federated credential of the identity, signed by a key that the cluster has published.
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow#third-case-access-token-request-with-a-federated-credential
 */
export function federation(planes: DataPlanes): Federation {
  return async (tenant, form) => {
    try {
      const { token, expiresOn } = await exchanged(planes, tenant, form);
      const seconds = expiresOn - Math.floor(Date.now() / 1000);
      return { status: 200, body: { token_type: 'Bearer', expires_in: seconds, ext_expires_in: seconds, access_token: token } };
    } catch (error) {
      if (!(error instanceof AzureError)) throw error;
      return { status: error.status, body: { error: error.code, error_description: error.message } };
    }
  };
}

async function exchanged(planes: DataPlanes, tenant: string, form: URLSearchParams): Promise<{ token: string; expiresOn: number }> {
  const { cloud } = planes;
  const [, resource] = /^(https:\/\/\S+)\/\.default$/.exec(form.get('scope') ?? '') ?? [];
  if (form.get('grant_type') !== 'client_credentials' || form.get('client_assertion_type') !== assertionType) throw new AzureError('unsupported_grant_type', 'the sandbox takes assertions for client credentials only');
  if (resource === undefined) throw new AzureError('invalid_scope', `AADSTS1002012: The provided value for scope ${form.get('scope')} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`);
  const client = form.get('client_id') ?? '';
  const identity = tenant === tenantId ? cloud.inventory.ofType(tokens.userAssignedIdentity).find(({ outputs }) => text(outputs, 'clientId') === client) : undefined;
  if (identity === undefined) throw new AzureError('unauthorized_client', `AADSTS700016: Application with identifier '${client}' was not found in the directory '${tenant}'.`);
  const assertion = await verified(planes, identity, form.get('client_assertion') ?? '');
  return planes.tokens.give({ principalId: text(identity.outputs, 'principalId') ?? '', clientId: client, machine: machineOf(planes, identity, assertion) }, resource);
}

/** Issuer, subject and audience are compared to the letter, each with its own code: https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
async function verified(planes: DataPlanes, identity: Item, assertion: string): Promise<Assertion> {
  const { iss, sub, aud } = assertionOf(assertion);
  const ofIssuer = planes.cloud.inventory.childrenOf(identity, tokens.federatedCredential).filter(({ outputs }) => text(outputs, 'issuer') === iss);
  if (ofIssuer.length === 0) throw noRecord('AADSTS700211', `issuer '${iss}'`);
  const ofSubject = ofIssuer.filter(({ outputs }) => text(outputs, 'subject') === sub);
  if (ofSubject.length === 0) throw noRecord('AADSTS700213', `subject '${sub}'`);
  if (!ofSubject.some(({ outputs }) => texts(outputs, 'audiences').some((audience) => aud.includes(audience)))) throw noRecord('AADSTS700212', `audience '${aud.join(' ')}'`);
  const { jwks_uri: address } = discoverySchema.parse(published(planes, `${iss}/.well-known/openid-configuration`));
  const keys = keysSchema.parse(published(planes, address)) as JSONWebKeySet;
  try {
    return assertionSchema.parse((await jwtVerify(assertion, createLocalJWKSet(keys))).payload);
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw new AzureError('invalid_client', 'AADSTS700024: Client assertion is not within its valid time range.', 401);
    if (error instanceof errors.JOSEError) throw new AzureError('invalid_client', 'AADSTS5001310: Client assertion failed signature validation.', 401);
    throw error;
  }
}

function assertionOf(assertion: string): Assertion {
  try {
    return assertionSchema.parse(decodeJwt(assertion));
  } catch {
    throw new AzureError('invalid_client', 'AADSTS50027: JWT token is invalid or malformed.', 401);
  }
}

function noRecord(code: string, what: string): AzureError {
  return new AzureError('invalid_client', `${code}: No matching federated identity record found for presented assertion ${what}. Check your federated identity credential Subject, Audience and Issuer against the presented assertion.`, 401);
}

/** A document of an issuer that lies in a container of this cloud, as anybody reads it. */
function published(planes: DataPlanes, address: string): unknown {
  const { hostname, pathname } = new URL(address);
  const [account] = hostname.split('.blob.core.windows.net');
  try {
    const { body = '' } = blob(planes, { method: 'GET', path: `/${account}${pathname}`, query: new URLSearchParams(), headers: {}, body: Buffer.alloc(0) });
    return JSON.parse(body.toString()) as unknown;
  } catch {
    throw new AzureError('invalid_request', `AADSTS501661: Unable to get ${address} from the external OpenID provider.`);
  }
}

/** Where the holder stands in the network: on the machine of its pod. Who has made a token for no pod stands in no network. */
function machineOf({ cloud }: DataPlanes, { cluster }: Item, { 'kubernetes.io': { node } = {} }: Assertion): string {
  const machines = [...machineTypes].flatMap((type) => cloud.inventory.ofType(type));
  return machines.find((machine) => machine.cluster === cluster && hostNameOf(machine).toLowerCase() === node?.name)?.id ?? 'nowhere';
}
