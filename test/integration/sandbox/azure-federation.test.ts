import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { exportJWK, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { subscriptionId, tenantId } from '../../../sandbox/azure/cloud.js';
import { startAzure, type AzurePart } from '../../../sandbox/azure/index.js';
import * as tokens from '../../../sandbox/azure/types/tokens.js';
import { startEntra, type EntraPart } from '../../../sandbox/entra/index.js';
import type { PropertyMap } from '../../../sandbox/protocol/index.js';
import { rsaKeyPair } from '../../../sandbox/rsa-keys.js';
import { openSandbox, type Sandbox } from '../../../sandbox/sandbox.js';

const group = `/subscriptions/${subscriptionId}/resourceGroups/demo/providers`;
const identity = `${group}/Microsoft.ManagedIdentity/userAssignedIdentities/velero`;
const [clientId, principalId] = ['0c1e0000-0000-4000-8000-000000000001', '0c1e0000-0000-4000-8000-000000000002'];
const issuer = 'https://demoissuer.blob.core.windows.net/issuer';
const store = `${group}/Microsoft.Storage/storageAccounts/demobackups`;
const contributor = `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/ba92f5b4-2d11-453d-a403-e96b0029c9fe`;
const storage = 'https://storage.azure.com';

let home: string;
let sandbox: Sandbox;
let azure: AzurePart;
let entra: EntraPart;
let keys: { own: KeyObject; foreign: KeyObject };

/** An item of the cluster `demo`, in something else or in nothing. */
function make(type: string, id: string, outputs: PropertyMap, parent: { type: string; id: string } | null = null): void {
  const now = sandbox.clock.now();
  sandbox.inventory.create({ type, id, cluster: 'demo', uid: null, resource: null, parent, region: 'westeurope', inputs: {}, outputs: { name: id.slice(id.lastIndexOf('/') + 1), ...outputs }, createdAt: now, readyAt: now });
}

beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'federation-'));
  sandbox = await openSandbox(home, 0);
  azure = await startAzure(sandbox);
  entra = await startEntra(sandbox, azure.federation);
  const [own, foreign] = [rsaKeyPair(), rsaKeyPair()];
  keys = { own: createPrivateKey(own.privateKey), foreign: createPrivateKey(foreign.privateKey) };

  make(tokens.userAssignedIdentity, identity, { clientId, principalId });
  make(tokens.federatedCredential, `${identity}/federatedIdentityCredentials/velero`, { issuer, subject: 'system:serviceaccount:velero:velero-server', audiences: ['api://AzureADTokenExchange'] }, { type: tokens.userAssignedIdentity, id: identity });
  const account = `${group}/Microsoft.Storage/storageAccounts/demoissuer`;
  make(tokens.storageAccount, account, { allowBlobPublicAccess: true });
  make(tokens.blobContainer, `${account}/blobServices/default/containers/issuer`, { publicAccess: 'Blob' });
  const publish = (name: string, content: object): unknown => azure.blobs.put(`${account}/blobServices/default/containers/issuer`, name, Buffer.from(JSON.stringify(content)), 'application/json');
  publish('.well-known/openid-configuration', { issuer, jwks_uri: `${issuer}/openid/v1/jwks` });
  publish('openid/v1/jwks', { keys: [{ ...(await exportJWK(createPublicKey(own.publicKey))), kid: 'one', alg: 'RS256', use: 'sig' }] });

  const network = `${group}/Microsoft.Network/virtualNetworks/network`;
  const door = { defaultAction: 'Deny', virtualNetworkRules: [{ virtualNetworkResourceId: `${network}/subnets/nodes` }] };
  make(tokens.storageAccount, store, { publicNetworkAccess: 'Enabled', networkRuleSet: door });
  make(tokens.blobContainer, `${store}/blobServices/default/containers/private`, { publicAccess: 'None' });
  make(tokens.roleAssignment, `${store}/providers/Microsoft.Authorization/roleAssignments/one`, { principalId, roleDefinitionId: contributor, scope: store });
  const networkInterface = `${group}/Microsoft.Network/networkInterfaces/worker`;
  make(tokens.networkInterface, networkInterface, { ipConfigurations: [{ subnet: { id: `${network}/subnets/nodes` } }] });
  make(tokens.virtualMachine, `${group}/Microsoft.Compute/virtualMachines/worker`, { osProfile: { computerName: 'Worker-1' }, networkProfile: { networkInterfaces: [{ id: networkInterface }] } });
});
afterAll(async () => {
  await entra.close();
  await azure.close();
  await sandbox.journal.close();
  await rm(home, { recursive: true });
});

/** A service account's token, as the cluster's API server makes them for a pod on a node. */
function token({ sub = 'system:serviceaccount:velero:velero-server', aud = 'api://AzureADTokenExchange', key = keys.own, from = issuer, node = 'worker-1', seconds = 600 } = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ 'kubernetes.io': { node: { name: node } } }).setProtectedHeader({ alg: 'RS256', kid: 'one' }).setIssuer(from).setSubject(sub).setAudience(aud).setIssuedAt(now - 1_000).setExpirationTime(now + seconds).sign(key);
}

/** The exchange as Microsoft's libraries ask for it. */
async function exchange(of: Promise<string>, changes: Record<string, string> = {}, tenant = tenantId): Promise<{ status: number; body: Record<string, string> }> {
  const form = { grant_type: 'client_credentials', client_id: clientId, scope: `${storage}/.default`, client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', client_assertion: await of, ...changes };
  const answer = await fetch(`${entra.endpoint}/${tenant}/oauth2/v2.0/token`, { method: 'POST', body: new URLSearchParams(form) });
  return { status: answer.status, body: (await answer.json()) as Record<string, string> };
}

/** Writes a blob with what was got. */
async function write(of: Promise<string>): Promise<string> {
  const { body } = await exchange(of);
  const answer = await fetch(`${azure.endpoint}/blob/demobackups/private/velero/a`, { method: 'PUT', headers: { 'authorization': `Bearer ${body['access_token']}`, 'x-ms-version': '2024-08-04', 'x-ms-blob-type': 'BlockBlob' }, body: 'a' });
  return answer.headers.get('x-ms-error-code') ?? String(answer.status);
}

describe('a token of a cluster on the emulated Azure', () => {
  it('gets one of the identity that trusts it, which is on its pod\'s node', async () => {
    expect(await exchange(token())).toMatchObject({ status: 200, body: { token_type: 'Bearer' } });
    expect(await write(token())).toBe('201');
    expect(await write(token({ node: 'another-cluster-s' }))).toBe('AuthorizationFailure');
  });

  it.each([
    ['of another service account', () => token({ sub: 'system:serviceaccount:velero:default' }), 'AADSTS700213'],
    ['for another audience', () => token({ aud: 'somebody-else' }), 'AADSTS700212'],
    ['of an issuer that the identity does not trust', () => token({ from: 'https://otherissuer.blob.core.windows.net/issuer' }), 'AADSTS700211'],
    ['signed by a key that the cluster has not published', () => token({ key: keys.foreign }), 'AADSTS5001310'],
    ['that has expired', () => token({ seconds: -300 }), 'AADSTS700024'],
    ['that is none', () => Promise.resolve('rubbish'), 'AADSTS50027'],
  ])('gets nothing when it is one %s', async (_what, made, code) => {
    const { status, body } = await exchange(made());

    expect({ status, error: body['error'] }).toEqual({ status: 401, error: 'invalid_client' });
    expect(body['error_description']).toContain(code);
  });

  it('gets nothing of a client that is no managed identity of this directory, or without a resource', async () => {
    expect(await exchange(token(), { client_id: principalId })).toMatchObject({ status: 400, body: { error: 'unauthorized_client' } });
    expect(await exchange(token(), {}, '7e4a4700-0000-4000-8000-000000000009')).toMatchObject({ status: 400, body: { error: 'unauthorized_client' } });
    expect(await exchange(token(), { scope: 'openid' })).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
  });
});
