import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { providers, type Provider } from '../../../../model/spec.js';
import { nodeArchive } from '../../../../programs/nodes/archive.js';
import { nodeTemplates } from '../../../../programs/nodes/templates.js';
import { multipart, userDataParts } from '../../../../programs/nodes/user-data.js';
import { azureInputOf, inputOf, specOf } from '../../../support/infrastructure-input.js';
import { factsOf, nodeCases } from '../../../support/nodes.js';
import { declaredBy as declaredOnAws } from '../aws/declared.js';
import { declaredBy as declaredOnAzure } from '../azure/declared.js';

/** Stand-ins for every secret that a worker has about it while it renders user data. */
const planted = {
  AWS_SECRET_ACCESS_KEY: 'planted-aws-secret', AWS_SESSION_TOKEN: 'planted-aws-session', ARM_CLIENT_SECRET: 'planted-azure-secret', AZURE_CLIENT_SECRET: 'planted-azure-sdk-secret',
  PULUMI_CONFIG_PASSPHRASE: 'planted-passphrase', PULUMI_ACCESS_TOKEN: 'planted-pulumi', REDIS_URL: 'redis://:planted-redis@127.0.0.1:1',
};
const before = { ...process.env };
beforeEach(() => void Object.assign(process.env, planted));
afterEach(() => {
  for (const name of Object.keys(planted)) delete process.env[name];
  Object.assign(process.env, before);
});

/** What secrets look like, planted or not: keys in PEM, bootstrap tokens, certificate keys, signed tokens, long base64 that is no address. */
const secretForms = {
  'a planted secret': /planted/, 'a private key': /-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/]{20}/, 'a bootstrap token': /\b[a-z0-9]{6}\.[a-z0-9]{16}\b/, 'a key in hex': /\b[0-9a-f]{32,}\b/, 'a signed token': /\beyJ[A-Za-z0-9_-]{10,}\./,
  'a key in base64': /(^|[\s"'=:])[A-Za-z0-9+/]{43}=(\s|"|'|$)/m,
};
const found = (text: string): string[] => Object.entries(secretForms).filter(([, form]) => form.test(text)).map(([name]) => name);

const { facts: archive, content } = nodeArchive(nodeTemplates());
/** A text without the archive's digest: it looks like a key, and everybody may know it. */
const told = (text: string): string => text.replaceAll(archive.sha256, 'digest');

/** Texts in declared inputs; user data is unpacked. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value.startsWith('H4sI') ? gunzipSync(Buffer.from(value, 'base64')).toString() : value];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(textsIn);
}

describe('secrets', () => {
  it.each([
    ['a planted secret', 'x: planted-passphrase'], ['a private key', '-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIBkg4LVWM9nuwNSk3yBy'], ['a bootstrap token', 'token: abcdef.0123456789abcdef'], ['a key in hex', 'a'.repeat(64)],
    ['a signed token', 'eyJhbGciOiJSUzI1NiJ9.eyJ'], ['a key in base64', `secret: "${Buffer.alloc(32, 7).toString('base64')}"`],
  ])('like %s would be found', (name, text) => {
    expect(found(text)).toContain(name);
  });

  it.each(nodeCases.map((given): [string, (typeof nodeCases)[number]] => [`${given.template} ${given.provider} ${given.minor} ${given.role}`, given]))('are not in the user data of %s', async (_name, given) => {
    expect(found(told(multipart(userDataParts(nodeTemplates(), await factsOf(given)))))).toEqual([]);
  });

  it('are not in what control planes fetch', () => {
    expect(found(content.toString())).toEqual([]);
  });

  const declared: Readonly<Record<Provider, () => Promise<readonly { type: string; inputs: unknown }[]>>> = {
    aws: async () => declaredOnAws(inputOf(await specOf('production'))),
    azure: async () => declaredOnAzure(azureInputOf(await specOf('production', { provider: 'azure' }))),
  };
  it.each(providers)('are in no machine and no launch template on %s', async (provider) => {
    const machines = (await declared[provider]()).filter(({ type }) => /instance:Instance|LaunchTemplate|:VirtualMachine/.test(type));
    expect(machines.length).toBeGreaterThan(3);
    for (const { inputs } of machines) {
      const texts = textsIn(inputs);
      expect(texts.some((text) => text.startsWith('MIME-Version'))).toBe(true);
      expect(texts.map(told).flatMap(found)).toEqual([]);
    }
    // The resources' classes of a cloud are many, and loaded here for the first time.
  }, 60_000);
});
