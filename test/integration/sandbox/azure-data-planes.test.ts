import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { serviceIdentity, subscriptionId, tenantId } from '../../../sandbox/azure/cloud.js';
import { startAzure, type AzurePart } from '../../../sandbox/azure/index.js';
import * as tokens from '../../../sandbox/azure/types/tokens.js';
import type { PropertyMap } from '../../../sandbox/protocol/index.js';
import { openSandbox, type Sandbox } from '../../../sandbox/sandbox.js';
import { AzureConnection } from '../../../worker/cloud/azure/connection.js';
import { powerOf, switchMachines } from '../../../worker/cloud/azure/machines.js';

let home: string;
let sandbox: Sandbox;
let azure: AzurePart;
let run = 0;

const group = `/subscriptions/${subscriptionId}/resourceGroups/demo/providers`;
const role = (guid: string): string => `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${guid}`;
const officer = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7';
const contributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe';

function make(type: string, id: string, outputs: PropertyMap): void {
  const now = sandbox.clock.now();
  sandbox.inventory.create({ type, id, cluster: null, uid: null, resource: null, parent: null, region: 'westeurope', inputs: {}, outputs: { name: id.slice(id.lastIndexOf('/') + 1), ...outputs }, createdAt: now, readyAt: now });
}
const grant = (scope: string, what: string): void => make(tokens.roleAssignment, `${scope}/providers/Microsoft.Authorization/roleAssignments/${what}`, { principalId: serviceIdentity.objectId, roleDefinitionId: role(what), scope });

async function token(resource: string): Promise<string> {
  const answer = await fetch(`${azure.endpoint}/identity/token?api-version=2019-08-01&resource=${encodeURIComponent(resource)}`, { headers: { 'x-identity-header': 'sandbox' } });
  return z.object({ access_token: z.string() }).parse(await answer.json()).access_token;
}
async function call(method: string, url: string, resource: string, { headers = {}, body }: { headers?: Record<string, string>; body?: string } = {}): Promise<Response> {
  return fetch(azure.endpoint + url, { method, headers: { authorization: `Bearer ${await token(resource)}`, 'x-ms-version': '2024-08-04', ...headers }, ...(body === undefined ? {} : { body }) });
}
const codeOf = async (answer: Response): Promise<unknown> => ((await answer.json()) as { error: { code: string; innererror?: { code: string } } }).error;

beforeAll(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'planes-'));
  sandbox = await openSandbox(home, 0);
  azure = await startAzure(sandbox);
});
afterAll(async () => {
  await azure.close();
  await sandbox.journal.close();
  await rm(home, { recursive: true });
});

describe('tokens of the emulated Azure', () => {
  it('are given to whom the header tells apart, and are good for one audience', async () => {
    expect((await fetch(`${azure.endpoint}/identity/token?api-version=2019-08-01&resource=https://vault.azure.net`)).status).toBe(401);
    const subscription = `/management/subscriptions/${subscriptionId}?api-version=2022-12-01`;
    expect((await call('GET', subscription, 'https://management.azure.com/')).status).toBe(200);
    expect((await call('GET', subscription, 'https://vault.azure.net')).status).toBe(401);
    expect((await fetch(azure.endpoint + subscription)).status).toBe(401);
  });
});

describe('blobs of the emulated Azure', () => {
  const account = `${group}/Microsoft.Storage/storageAccounts/store`;
  const containerId = `${account}/blobServices/default/containers`;
  const storage = 'https://storage.azure.com';
  const put = (name: string, headers: Record<string, string> = {}, body = 'x') => call('PUT', `/blob/store/private/${name}`, storage, { headers: { 'x-ms-blob-type': 'BlockBlob', ...headers }, body });

  beforeAll(() => {
    make(tokens.storageAccount, account, { allowBlobPublicAccess: true });
    make(tokens.blobContainer, `${containerId}/private`, { publicAccess: 'None' });
    make(tokens.blobContainer, `${containerId}/issuer`, { publicAccess: 'Blob' });
    grant(`${containerId}/private`, contributor);
    azure.blobs.put(`${containerId}/issuer`, 'openid/v1/jwks', Buffer.from('{}'), 'application/json');
  });

  it('are created once by If-None-Match, and changed from what was read by If-Match', async () => {
    const first = await put('claim', { 'if-none-match': '*' });
    expect(first.status).toBe(201);
    const second = await put('claim', { 'if-none-match': '*' });
    expect([second.status, second.headers.get('x-ms-error-code')]).toEqual([409, 'BlobAlreadyExists']);

    const etag = first.headers.get('etag') ?? '';
    expect((await put('claim', { 'if-match': etag }, 'y')).status).toBe(201);
    const late = await put('claim', { 'if-match': etag }, 'z');
    expect([late.status, late.headers.get('x-ms-error-code')]).toEqual([412, 'ConditionNotMet']);
    expect(await (await call('GET', '/blob/store/private/claim', storage)).text()).toBe('y');
    expect((await put('missing', { 'if-match': etag })).status).toBe(412);
  });

  it('are listed by prefix, page by page, and gone once deleted', async () => {
    for (const name of ['a/1', 'a/2', 'b/1']) await put(name);
    const list = async (query: string) => (await call('GET', `/blob/store/private?restype=container&comp=list&${query}`, storage)).text();
    expect([...(await list('prefix=a/')).matchAll(/<Name>([^<]+)</g)].map(([, name]) => name)).toEqual(['a/1', 'a/2']);
    const page = await list('prefix=a/&maxresults=1');
    expect(page).toContain('<NextMarker>1</NextMarker>');
    expect(await list('prefix=a/&maxresults=1&marker=1')).toContain('<Name>a/2</Name>');

    expect((await call('DELETE', '/blob/store/private/a/1', storage)).status).toBe(202);
    expect((await call('GET', '/blob/store/private/a/1', storage)).status).toBe(404);
  });

  it('are read by everybody in a public container only, and one by one', async () => {
    expect((await fetch(`${azure.endpoint}/blob/store/issuer/openid/v1/jwks`)).status).toBe(200);
    expect((await fetch(`${azure.endpoint}/blob/store/issuer?restype=container&comp=list`)).status).toBe(404);
    expect((await fetch(`${azure.endpoint}/blob/store/private/claim`)).status).toBe(404);
    // Reading is no right to write, and a role in one container none in another.
    const other = await call('PUT', '/blob/store/issuer/x', storage, { headers: { 'x-ms-blob-type': 'BlockBlob' }, body: 'x' });
    expect([other.status, other.headers.get('x-ms-error-code')]).toEqual([403, 'AuthorizationPermissionMismatch']);
  });
});

describe('secrets of the emulated Azure', () => {
  const vault = 'https://vault.azure.net';
  const id = (): string => `${group}/Microsoft.KeyVault/vaults/v${run}`;
  const secret = (name: string): string => `/vault/v${run}/secrets/${name}?api-version=7.5`;

  beforeEach(() => {
    run += 1;
    make(tokens.vault, id(), { properties: { publicNetworkAccess: 'Enabled', softDeleteRetentionInDays: 30 }, location: 'westeurope' });
  });

  it('have versions, and a name that a deletion does not set free', async () => {
    grant(id(), officer);
    for (const value of ['one', 'two']) expect((await call('PUT', secret('token'), vault, { body: JSON.stringify({ value }) })).status).toBe(200);
    expect(await (await call('GET', secret('token'), vault)).json()).toMatchObject({ value: 'two' });

    expect((await call('DELETE', secret('token'), vault)).status).toBe(200);
    expect(await codeOf(await call('GET', secret('token'), vault))).toMatchObject({ code: 'SecretNotFound' });
    const again = await call('PUT', secret('token'), vault, { body: JSON.stringify({ value: 'three' }) });
    expect(again.status).toBe(409);
  });

  it('are for those that a role lets in, and over the network for those that the firewall does', async () => {
    expect(await codeOf(await call('GET', secret('token'), vault))).toMatchObject({ code: 'Forbidden', innererror: { code: 'ForbiddenByRbac' } });
    grant(id(), officer);
    expect((await call('GET', secret('token'), vault)).status).toBe(404);
    const item = sandbox.inventory.get(tokens.vault, id());
    if (item !== undefined) sandbox.drift.mutate(item, { properties: { publicNetworkAccess: 'Disabled' } });
    expect(await codeOf(await call('GET', secret('token'), vault))).toMatchObject({ innererror: { code: 'ForbiddenByConnection' } });
  });

  it('go with their vault, which is kept deleted until its retention is over', async () => {
    azure.secrets.set(id(), 'token', 'x');
    sandbox.inventory.delete({ type: tokens.vault, id: id() });

    const deleted = async () => z.object({ value: z.array(z.object({ name: z.string() })) }).parse(await (await call('GET', `/management/subscriptions/${subscriptionId}/providers/Microsoft.KeyVault/deletedVaults?api-version=2023-07-01`, 'https://management.azure.com')).json()).value.map(({ name }) => name);
    expect(azure.secrets.get(id(), 'token')).toBeUndefined();
    expect(await deleted()).toContain(`v${run}`);
    sandbox.clock.advance(31 * 86_400);
    expect(await deleted()).not.toContain(`v${run}`);
  });
});

describe('Resource Manager of the emulated Azure', () => {
  it.each([
    ['POST', '/management/providers/Microsoft.ResourceGraph/resources', JSON.stringify({ subscriptions: [subscriptionId], query: 'Resources | count', options: { resultFormat: 'objectArray' } }), 'InvalidQuery'],
    ['DELETE', `/management${group}/Microsoft.KeyVault/vaults/other`, undefined, 'HttpMethodNotAllowed'],
    ['PUT', `/management${group}/Microsoft.Network/virtualNetworks/n`, '{}', 'HttpMethodNotAllowed'],
    ['GET', `/management${group}/Microsoft.Network/virtualNetworks/n`, undefined, 'ResourceNotFound'],
    ['PATCH', `/management${group}/Microsoft.Compute/virtualMachineScaleSets/s`, '{}', 'ResourceNotFound'],
    ['PATCH', `/management${group}/Microsoft.KeyVault/vaults/other`, '{}', 'HttpMethodNotAllowed'],
    ['POST', `/management${group}/Microsoft.Compute/virtualMachines/m/restart`, undefined, 'HttpMethodNotAllowed'],
    ['POST', `/management${group}/Microsoft.Compute/virtualMachines/m/start`, undefined, 'ResourceNotFound'],
  ])('refuses by name what it does not imitate: %s %s', async (method, url, body, code) => {
    if (method === 'DELETE') make(tokens.vault, `${group}/Microsoft.KeyVault/vaults/other`, {});
    expect(await codeOf(await call(method, `${url}?api-version=2024-01-01`, 'https://management.azure.com', body === undefined ? {} : { body }))).toMatchObject({ code });
  });

  it('deallocates machines and starts them again, as the worker asks for it', async () => {
    const id = `${group}/Microsoft.Compute/virtualMachines/cp-1`;
    make(tokens.virtualMachine, id, {});
    Object.assign(process.env, { IDENTITY_ENDPOINT: `${azure.endpoint}/identity/token`, IDENTITY_HEADER: 'sandbox' });
    const connection = new AzureConnection({ tenantId, clientId: undefined, authority: undefined }, { management: `${azure.endpoint}/management` });
    const power = async () => (await powerOf(connection, [id, `${id}-gone`])).get(id);

    expect(await power()).toBe('on');
    await switchMachines(connection, [id], 'off');
    await switchMachines(connection, [id], 'off');
    expect(await power()).toBe('off');
    await switchMachines(connection, [id], 'on');
    expect(await power()).toBe('on');
    expect([...(await powerOf(connection, [`${id}-gone`])).keys()]).toEqual([]);
  });
});
