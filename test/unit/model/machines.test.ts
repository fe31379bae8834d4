import { describe, expect, it } from 'vitest';
import { ClusterwrightError } from '../../../model/errors.js';
import { resolvePatch } from '../../../model/resolve.js';
import { loadCatalogue } from '../../../bin/catalogue.js';
import { sandboxAccount, specOf } from '../../support/infrastructure-input.js';

const ed25519 = `ssh-ed25519 ${'A'.repeat(68)}`;
const pointersOf = async (promise: Promise<unknown>): Promise<string[]> => promise.then(() => [], (error: unknown) => (error instanceof ClusterwrightError ? (error.faults ?? []).map(({ pointer }) => pointer) : [String(error)]));

describe('machines of a spec', () => {
  it('have neither keys nor mirrors unless it says so', async () => {
    expect((await specOf('hardened')).machines).toEqual({ sshKeys: [], registryMirrors: {} });
  });

  it.each([
    ['keys', { sshKeys: [`${ed25519} ops@example.com`, `ecdsa-sha2-nistp256 ${'B'.repeat(140)}=`] }],
    ['mirrors', { registryMirrors: { 'docker.io': 'https://registry.example.com:8443/v2/docker', 'registry.example.org:5000': 'https://mirror.example.com' } }],
    ['a mirror of packages', { packageMirror: 'https://packages.example.com/kubernetes' }],
    ['the initiator of iSCSI', { iscsi: true }],
  ])('may have %s', async (_what, machines) => {
    expect((await specOf('production', { machines })).machines).toMatchObject(machines);
  });

  it.each([
    ['an RSA key, which is too long for user data', { sshKeys: [`ssh-rsa ${'A'.repeat(200)}`] }, '/machines/sshKeys/0'],
    ['a private key', { sshKeys: ['-----BEGIN OPENSSH PRIVATE KEY-----'] }, '/machines/sshKeys/0'],
    ['a key with a second line', { sshKeys: [`${ed25519}\nmore`] }, '/machines/sshKeys/0'],
    ['four keys', { sshKeys: [ed25519, ed25519, ed25519, ed25519] }, '/machines/sshKeys'],
    ['a mirror without TLS', { registryMirrors: { 'docker.io': 'http://registry.example.com' } }, '/machines/registryMirrors/docker.io'],
    ['a mirror with a password in it', { registryMirrors: { 'docker.io': 'https://me:secret@registry.example.com' } }, '/machines/registryMirrors/docker.io'],
    ['a mirror of packages without TLS', { packageMirror: 'http://packages.example.com' }, '/machines/packageMirror'],
    ['five mirrors', { registryMirrors: Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [`${name}.example.com`, 'https://m.example.com'])) }, '/machines/registryMirrors'],
  ])('are refused with %s', async (_what, machines, pointer) => {
    expect(await pointersOf(specOf('production', { machines }))).toEqual([pointer]);
  });

  it('cannot change: machines keep the user data they were made with', async () => {
    const current = await specOf('production');
    const context = { catalogue: await loadCatalogue(), accounts: { default: { aws: sandboxAccount } } };
    expect(() => resolvePatch(current, { machines: { sshKeys: [ed25519] } }, context)).toThrow(expect.objectContaining({ code: 'immutable-field' }));
  });
});
