import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Agent, fetch } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { secretKey } from '../../../model/secret-store.js';
import { secretFence } from '../../../programs/platform/secret-fence.js';
import { CertificateAuthority } from '../../../sandbox/kubernetes/pki.js';
import type { SecretStore } from '../../../model/secret-stores.js';
import type { StoreChoice } from '../../../model/secret-store.js';
import { ControlPlane } from '../../support/control-plane.js';
import { until } from '../../support/until.js';

/** The definition as far as the API server needs one; what is checked here is the policy alone. */
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'externalsecrets.external-secrets.io' },
  spec: {
    group: 'external-secrets.io', scope: 'Namespaced', names: { kind: 'ExternalSecret', plural: 'externalsecrets', singular: 'externalsecret' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } } } }],
  },
};
const places: Readonly<Record<string, string>> = { ValidatingAdmissionPolicy: 'validatingadmissionpolicies', ValidatingAdmissionPolicyBinding: 'validatingadmissionpolicybindings' };
const store = { kind: 'ClusterSecretStore', name: 'cloud' };
const cloud: SecretStore = { kind: 'cloud' };
/** Every kind of store. */
const stores = {
  aws: { provider: 'aws', secretStore: cloud },
  azure: { provider: 'azure', secretStore: cloud },
  vault: { provider: 'aws', secretStore: { kind: 'vault', server: 'https://vault.example.com', mount: 'kv', role: 'cluster', login: 'jwt' } },
  google: { provider: 'azure', secretStore: { kind: 'google', project: 'acme-secrets', identityProvider: 'projects/1/locations/global/workloadIdentityPools/a/providers/b' } },
} as const satisfies Record<string, StoreChoice>;
const folder = mkdtempSync(path.join(os.tmpdir(), 'fence-'));
let plane: ControlPlane;
let admin: Agent;

async function call(method: string, where: string, body?: unknown): Promise<{ status: number; text: string }> {
  const response = await fetch(`https://kubernetes.default.svc${where}`, { method, dispatcher: admin, headers: { 'content-type': 'application/json' }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return { status: response.status, text: await response.text() };
}

/** What the API server says to an ExternalSecret, which it does not keep. */
async function answer(namespace: string, spec: object): Promise<string> {
  const { status, text } = await call('POST', `/apis/external-secrets.io/v1/namespaces/${namespace}/externalsecrets?dryRun=All`, {
    apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', metadata: { name: 'asked', namespace }, spec: { secretStoreRef: store, ...spec },
  });
  return status === 201 ? 'allowed' : status === 422 ? text : `${status} ${text}`;
}
const keyed = (...keys: string[]) => ({ data: keys.map((key, index) => ({ secretKey: `key-${index}`, remoteRef: { key } })) });
const extracted = (key: string) => ({ dataFrom: [{ extract: { key } }] });

/** Puts the fence of a store up, and waits until the API server goes by it. */
async function fence(choice: StoreChoice): Promise<void> {
  const objects = secretFence(choice).map((object) => {
    const { kind, metadata } = object as { kind: string; metadata: { name: string } };
    return { object, place: `/apis/admissionregistration.k8s.io/v1/${places[kind] ?? ''}`, name: metadata.name };
  });
  const another = () => answer('payments', keyed(secretKey(choice, 'ledger', 'x')));
  // First the one that may be there still has to be forgotten, or what it says would be taken for the new one's.
  for (const { place, name } of objects) await call('DELETE', `${place}/${name}`);
  await until(async () => (await another()) === 'allowed', 30_000);
  for (const { object, place } of objects) {
    const { status, text } = await call('POST', place, object);
    if (status !== 201) throw new Error(text);
  }
  await until(async () => (await another()) !== 'allowed' && (await answer('payments', keyed(secretKey(choice, 'payments', 'x')))) === 'allowed', 30_000);
}

beforeAll(async () => {
  const { certificate } = await CertificateAuthority.create('services');
  plane = await ControlPlane.start('1.35', { tenantId: '99999999-9999-4999-8999-999999999999', clientId: '88888888-8888-4888-8888-888888888888', socket: path.join(folder, 'nobody.sock'), authority: certificate });
  admin = new Agent({ connect: { socketPath: plane.socket, ca: plane.authority, ...plane.admin } });
  for (const name of ['payments', 'ledger', 'pay', 'payments--old', 'kv']) await call('POST', '/api/v1/namespaces', { metadata: { name } });
  const { status, text } = await call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
  if (status !== 201) throw new Error(text);
  await until(async () => (await call('GET', '/apis/external-secrets.io/v1/externalsecrets')).status === 200, 60_000);
}, 280_000);

afterAll(async () => {
  await admin.close();
  await plane.close();
  rmSync(folder, { recursive: true });
});

describe.each(Object.entries(stores))('fence between the secrets of namespaces in the store of %s', (_name, choice) => {
  const key = (namespace: string, name: string) => secretKey(choice, namespace, name);
  const refusal = 'begins with';
  beforeAll(() => fence(choice), 60_000);

  it('lets a namespace have its own', async () => {
    expect(await answer('payments', keyed(key('payments', 'database'), key('payments', 'queue')))).toBe('allowed');
    expect(await answer('payments', extracted(key('payments', 'database')))).toBe('allowed');
    expect(await answer('ledger', keyed(key('ledger', 'database')))).toBe('allowed');
  });

  it('refuses those of another, by whatever way and beside whatever else', async () => {
    const other = key('ledger', 'database');
    expect(await answer('payments', keyed(other))).toContain(refusal);
    expect(await answer('payments', keyed(key('payments', 'database'), other))).toContain(refusal);
    expect(await answer('payments', extracted(other))).toContain(refusal);
    expect(await answer('payments', { ...keyed(key('payments', 'database')), ...extracted(other) })).toContain(refusal);
    expect(await answer('payments', { secretStoreRef: undefined, data: [{ secretKey: 'key', remoteRef: { key: other }, sourceRef: { storeRef: store } }] })).toContain(refusal);
    expect(await answer('pay', keyed(key('payments', 'database')))).toContain(refusal);
    expect(await answer('payments', keyed('payments', ''))).toContain(refusal);
  });

  it('refuses a search and a generator', async () => {
    expect(await answer('payments', { dataFrom: [{ find: { name: { regexp: '.*' } } }] })).toContain('one by one');
    const generatorRef = { apiVersion: 'generators.external-secrets.io/v1alpha1', kind: 'STSSessionToken', name: 'operator' };
    expect(await answer('payments', { dataFrom: [{ sourceRef: { generatorRef } }] })).toContain('never from a generator');
    expect(await answer('payments', { data: [{ secretKey: 'key', remoteRef: { key: key('payments', 'x') }, sourceRef: { generatorRef } }] })).toContain('never from a generator');
  });
});

describe('fence on azure, where names have no slash', () => {
  beforeAll(() => fence(stores.azure), 60_000);

  it('refuses a namespace whose secrets would be those of another too, and a kind before the name', async () => {
    expect(await answer('payments--old', keyed('payments--old--database'))).toContain('has no secrets in the store');
    expect(await answer('payments', keyed('payments--database/ledger--database'))).toContain('without a kind before it');
  });
});

describe('fence in Vault, whose client takes a key for a path', () => {
  beforeAll(() => fence(stores.vault), 60_000);

  it.each(['payments/../ledger/database', 'payments/./x', 'payments//x', 'payments/..', 'payments/%2e%2e/ledger/database', 'payments/x?version=1', 'payments/'])('refuses %s, which leads elsewhere or might', async (key) => {
    expect(await answer('payments', keyed(key))).toContain('none of whose parts');
  });

  it('refuses a namespace whose name external-secrets would take for the mount', async () => {
    expect(await answer('kv', keyed('kv/payments/database'))).toContain('the key would lose its name');
  });

  it('lets a namespace have folders', async () => {
    expect(await answer('payments', keyed('payments/team/database-1.2_x'))).toBe('allowed');
  });
});

describe('fence in Google\'s Secret Manager, where a key becomes part of a name', () => {
  beforeAll(() => fence(stores.google), 60_000);

  it('refuses a namespace whose secrets would be those of another too, and more than a name', async () => {
    expect(await answer('payments--old', keyed('payments--old--database'))).toContain('has no secrets in the store');
    expect(await answer('payments', keyed('payments--x/versions/1'))).toContain('the name of a secret in the project');
  });
});
