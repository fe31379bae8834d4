import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Installation } from '../../../store/contract.js';
import { findEngine, verifyInstallation, type InstallationSecrets } from '../../../worker/index.js';
import { prepareBackend } from '../../../worker/installation.js';
import { awaitInstallation } from '../../../worker/operation/await-installation.js';
import { operationEnvironment } from '../../../worker/operation/environment.js';

/** What an installation needs of Redis: one value, set if absent. */
class OneValue {
  constructor(public value?: Installation) {}
  installation = async (): Promise<Installation | undefined> => this.value;
  claimInstallation = async (installation: Installation): Promise<Installation> => (this.value ??= installation);
}

describe('an installation', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'clusterwright-installation-'));
    await writeFile(path.join(folder, 'passphrase'), 'right');
    await writeFile(path.join(folder, 'other-passphrase'), 'wrong');
    await prepareBackend(`file://${path.join(folder, 'state')}`);
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function verify(store: OneValue, changes: { mode?: 'sandbox' | 'live'; backend?: string; passphrase?: string } = {}): Promise<InstallationSecrets> {
    const engine = await findEngine();
    const backendUrl = `file://${path.join(folder, changes.backend ?? 'state')}`;
    const options = { engine, backendUrl, secretsProvider: 'passphrase', passphraseFile: path.join(folder, changes.passphrase ?? 'passphrase') };
    return verifyInstallation({ ...options, store, mode: changes.mode ?? 'sandbox', workRoot: path.join(folder, 'work'), environment: operationEnvironment(process.env, options) });
  }

  it('is made at the first start and found by every other one', async () => {
    const store = new OneValue();
    const made = await verify(store);
    expect(store.value).toEqual({ id: made.id, mode: 'sandbox' });
    expect(await verify(store)).toEqual(made);
    expect(await readdir(path.join(folder, 'work'))).toEqual([]);
  });

  it('of the backend is adopted by a new Redis', async () => {
    const { id } = await verify(new OneValue());
    const fresh = new OneValue();
    expect((await verify(fresh)).id).toBe(id);
    expect(fresh.value).toEqual({ id, mode: 'sandbox' });
  });

  it('is made once when two processes start together', async () => {
    const store = new OneValue();
    const [one, other] = await Promise.all([verify(store), verify(store)]);
    expect(one.id).toBe(other.id);
    expect((await verify(store)).id).toBe(one.id);
  });

  it('refuses a wrong passphrase, another backend and another mode, and writes nothing', async () => {
    const store = new OneValue();
    const { id } = await verify(store);
    await expect(verify(store, { passphrase: 'other-passphrase' })).rejects.toMatchObject({ code: 'secrets-key-mismatch' });
    await prepareBackend(`file://${path.join(folder, 'another')}`);
    await expect(verify(store, { backend: 'another' })).rejects.toMatchObject({ code: 'installation-mismatch' });
    await expect(verify(store, { mode: 'live' })).rejects.toMatchObject({ code: 'installation-mismatch' });
    const other = new OneValue({ id: 'another-installation', mode: 'sandbox' });
    await expect(verify(other)).rejects.toMatchObject({ code: 'installation-mismatch' });
    expect(await readdir(path.join(folder, 'another'))).toEqual([]);
    expect(store.value?.id).toBe(id);
    // A new Redis with a wrong passphrase adopts nothing.
    const fresh = new OneValue();
    await expect(verify(fresh, { passphrase: 'other-passphrase' })).rejects.toMatchObject({ code: 'secrets-key-mismatch' });
    expect(fresh.value).toBeUndefined();
  });

  it('is waited for while its backend is away', async () => {
    const store = new OneValue();
    const made = await verify(store);
    const [here, away] = [path.join(folder, 'state'), path.join(folder, 'away')];
    const { signal } = new AbortController();
    const told: string[] = [];
    await rename(here, away);

    const lost = awaitInstallation(() => verify(store), { signal, onWait: (reason) => void told.push(reason), patienceMs: 1_000 });
    await expect(lost).rejects.toMatchObject({ code: 'backend-unavailable' });
    expect(told).toHaveLength(1);

    const found = awaitInstallation(() => verify(store), { signal, onWait: () => void rename(away, here) });
    expect(await found).toEqual(made);
  });
});
