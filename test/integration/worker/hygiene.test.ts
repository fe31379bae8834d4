import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Stash } from '@pulumi/pulumi/stash.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Program } from '../../../programs/provider.js';
import { findEngine } from '../../../worker/engine/binary.js';
import { EngineCommand } from '../../../worker/engine/command.js';
import { pruneStack } from '../../../worker/engine/hygiene.js';
import { EngineStack } from '../../../worker/engine/stack.js';

const options = { sink: { event: () => undefined, progress: () => undefined }, signal: new AbortController().signal };
const program = (value: number): Program => async () => ({ value: new Stash('kept', { input: value }).input });

describe('a file backend that the engine has written', () => {
  let folder: string;
  let command: EngineCommand;
  const backendUrl = (): string => `file://${folder}`;

  const open = (name: string): EngineStack => new EngineStack(name, command, {
    workDir: path.join(folder, '..', `${path.basename(folder)}-work`), encryption: { secretsProvider: 'passphrase', salt: null, encryptedKey: null },
    environment: { PULUMI_BACKEND_URL: backendUrl(), PULUMI_CONFIG_PASSPHRASE: 'right' },
  });
  const filesOf = async (part: string): Promise<string[]> => (await readdir(path.join(folder, '.pulumi', part)).catch(() => [])).filter((file) => !file.endsWith('.attrs')).sort();
  const bytesOf = (...parts: string[]): Promise<string> => readFile(path.join(folder, '.pulumi', ...parts), 'utf8');

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'clusterwright-hygiene-'));
    command = new EngineCommand(await findEngine(), {
      PATH: process.env['PATH'], HOME: os.homedir(), PULUMI_SKIP_UPDATE_CHECK: 'true', PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: 'true', PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
    });
    for (const name of ['one', 'one-other']) {
      const stack = open(name);
      await stack.create();
      for (const value of [1, 2, 3, 4]) await stack.up(program(value), options);
    }
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
    await rm(`${folder}-work`, { recursive: true, force: true });
  });

  it('keeps the newest entries of a stack\'s history with their copies, and everything of other stacks', async () => {
    const history = await filesOf('history/clusterwright/one');
    const backups = await filesOf('backups/clusterwright/one');
    expect(history).toHaveLength(8);
    expect(backups).toHaveLength(4);
    const state = await bytesOf('stacks/clusterwright/one.json');
    const others = [await filesOf('history/clusterwright/one-other'), await filesOf('backups/clusterwright/one-other')];

    expect(await pruneStack(backendUrl(), 'one', 4)).toBe(0);
    expect(await filesOf('history/clusterwright/one')).toEqual(history);

    await pruneStack(backendUrl(), 'one', 2);
    expect(await filesOf('history/clusterwright/one')).toEqual(history.slice(-4));
    expect(await filesOf('backups/clusterwright/one')).toEqual(backups.slice(-2));
    // No file beside an entry stays without it.
    expect(await readdir(path.join(folder, '.pulumi/history/clusterwright/one'))).toHaveLength(8);
    expect(await bytesOf('stacks/clusterwright/one.json')).toBe(state);
    expect([await filesOf('history/clusterwright/one-other'), await filesOf('backups/clusterwright/one-other')]).toEqual(others);
  });

  it('is read by the engine as before', async () => {
    expect((await open('one').state())?.outputs).toEqual({ value: 4 });
    expect(await open('one').lastUpdate()).toMatchObject({ kind: 'update', result: 'succeeded' });
    await open('one').up(program(5), options);
    expect((await open('one').state())?.outputs).toEqual({ value: 5 });
  });

  it('keeps locks, and what an engine may still be writing', async () => {
    const locks = path.join(folder, '.pulumi/locks/organization/clusterwright/one');
    const stacks = path.join(folder, '.pulumi/stacks/clusterwright');
    await mkdir(locks, { recursive: true });
    await writeFile(path.join(locks, 'some.json'), '{}');
    await writeFile(path.join(stacks, 'one.json.bak.0123.tmp'), 'half');
    await writeFile(path.join(stacks, 'one.json.bak.4567.tmp'), 'half');
    const longAgo = new Date(Date.now() - 2 * 3_600_000);
    await utimes(path.join(stacks, 'one.json.bak.4567.tmp'), longAgo, longAgo);

    expect(await pruneStack(backendUrl(), 'one')).toBe(1);
    expect(await readdir(locks)).toEqual(['some.json']);
    expect(await filesOf('stacks/clusterwright')).toEqual(['one-other.json', 'one-other.json.bak', 'one.json', 'one.json.bak', 'one.json.bak.0123.tmp']);
    await rm(locks, { recursive: true });
  });

  it('has nothing left of a stack that was removed', async () => {
    await open('one').remove({ force: true });
    expect(await filesOf('backups/clusterwright/one')).not.toEqual([]);
    await pruneStack(backendUrl(), 'one');
    const everything = await readdir(path.join(folder, '.pulumi'), { recursive: true, withFileTypes: true });
    const places = everything.map((entry) => path.join(path.relative(folder, entry.parentPath), entry.name));
    expect(places.filter((place) => /\/one([./]|$)/.test(place) && !place.includes('/locks/'))).toEqual([]);
    expect((await open('one-other').state())?.outputs).toEqual({ value: 4 });
  });

  it('that is elsewhere is left to its own rules', async () => {
    expect(await pruneStack('s3://some-bucket', 'one')).toBe(0);
  });
});
