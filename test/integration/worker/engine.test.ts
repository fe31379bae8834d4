import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import { Stash } from '@pulumi/pulumi/stash.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobEventBody } from '../../../model/event.js';
import type { Program } from '../../../programs/provider.js';
import { findEngine } from '../../../worker/engine/binary.js';
import { EngineCommand } from '../../../worker/engine/command.js';
import { declaredBy } from '../../../worker/engine/declared.js';
import { EngineStack } from '../../../worker/engine/stack.js';

const signal = new AbortController().signal;
/** A resource of the engine's own provider: no plugin is needed. */
const program = (value: string): Program => async () => ({ kept: new Stash('kept', { input: value }).input, secret: pulumi.secret('hunter2'), nested: { list: [1, 2] } });

describe('a stack on the real engine', () => {
  let folder: string;
  let command: EngineCommand;
  const events: JobEventBody[] = [];
  const sink = { event: (event: JobEventBody) => void events.push(event), progress: () => undefined };

  const open = (name: string, passphrase = 'right', salt: string | null = null): EngineStack =>
    new EngineStack(name, command, {
      workDir: path.join(folder, `work-${Math.random()}`),
      encryption: { secretsProvider: 'passphrase', salt, encryptedKey: null },
      environment: { PULUMI_BACKEND_URL: `file://${path.join(folder)}`, PULUMI_CONFIG_PASSPHRASE: passphrase },
    });

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'clusterwright-engine-'));
    command = new EngineCommand(await findEngine(), {
      PATH: process.env['PATH'], HOME: os.homedir(), PULUMI_SKIP_UPDATE_CHECK: 'true', PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: 'true', PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
    });
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('is made once, run, read and removed', async () => {
    const stack = open('one');
    expect(await stack.state()).toBeUndefined();
    expect(await stack.create()).toBe(true);
    expect(await stack.create()).toBe(false);

    expect(await stack.up(program('a'), { sink, signal })).toEqual({ kept: 'a', secret: 'hunter2', nested: { list: [1, 2] } });

    const state = await open('one').state();
    expect(state?.outputs).toMatchObject({ kept: 'a', nested: { list: [1, 2] } });
    expect(state?.pending).toEqual([]);
    // The export is made without showing secrets.
    expect(JSON.stringify(state)).not.toContain('hunter2');
    expect(state?.encryption).toMatchObject({ secretsProvider: 'passphrase', salt: expect.stringMatching(/^v1:/) });

    await stack.destroy(program('a'), 1, { sink, signal });
    await stack.remove({ force: false });
    await stack.remove({ force: false });
    expect(await stack.state()).toBeUndefined();
  });

  it('previews without writing anything to the backend', async () => {
    const stack = open('previewed');
    await stack.create();
    const before = await readdir(path.join(folder, '.pulumi'), { recursive: true });
    expect(await stack.preview(program('a'), signal)).toMatchObject({ stacks: [{ name: 'previewed', basis: 'previewed' }], changes: [] });
    expect(await stack.previewDestroy(program('a'), signal)).toMatchObject({ delete: 0 });
    expect(await readdir(path.join(folder, '.pulumi'), { recursive: true })).toEqual(before);
  });

  it('that shares the installation\'s salt refuses a wrong passphrase before it is made', async () => {
    const first = open('salted');
    await first.create();
    const salt = (await first.state())?.encryption?.salt ?? '';
    await expect(open('another', 'wrong', salt).create()).rejects.toMatchObject({ code: 'secrets-key-mismatch' });
    expect(await open('another').state()).toBeUndefined();
    await expect(open('salted', 'wrong', salt).up(program('b'), { sink, signal })).rejects.toMatchObject({ code: 'secrets-key-mismatch' });
  });

  it('ends with the program\'s error, and a stray rejection is the program\'s too', async () => {
    const stack = open('faulty');
    await stack.create();
    const faulty = stack.up(() => Promise.reject(new Error('no such zone')), { sink, signal });
    await expect(faulty).rejects.toMatchObject({ code: 'program-failed', message: expect.stringContaining('no such zone') });
    expect(JSON.stringify(events)).not.toContain('    at ');
  });

  it('says that the backend is not there', async () => {
    const stack = new EngineStack('x', command, {
      workDir: path.join(folder, 'work-x'), encryption: { secretsProvider: 'passphrase', salt: null, encryptedKey: null },
      environment: { PULUMI_BACKEND_URL: 'file:///nonexistent/backend', PULUMI_CONFIG_PASSPHRASE: 'x' },
    });
    await expect(stack.state()).rejects.toMatchObject({ code: 'backend-unavailable' });
  });

  it('whose program is only to be read tells what it declares without an engine', async () => {
    class Part extends pulumi.CustomResource {
      constructor(name: string) {
        super('test:index:Part', name, {});
      }
    }
    const declared = await declaredBy(async () => ({ id: new Part('one').id, kept: new Stash('record', { input: 1 }).output }), 'demo-platform');
    expect(declared).toEqual([{ urn: 'urn:pulumi:demo-platform::clusterwright::test:index:Part::one' }]);
  });
});
