import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureSecret } from '../../../bin/home.js';
import { loadWebhooks } from '../../../bin/webhooks.js';
import { readSettings } from '../../../model/settings.js';

describe('the service\'s webhooks', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'clusterwright-webhooks-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const load = (environment: Record<string, string> = {}) => loadWebhooks(readSettings({ CLUSTERWRIGHT_HOME: folder, ...environment }, folder).webhooks);
  const write = (name: string, text: string): Promise<void> => writeFile(path.join(folder, name), text);

  it('are none and have no secret unless there are', async () => {
    expect(await load()).toEqual({ webhooks: [], secrets: [] });
  });

  it('come out of a YAML or JSON file', async () => {
    await write('webhook-secret', 'a-secret-of-24-characters\n');
    const webhooks = [{ url: 'https://hooks.example.com/', events: ['cluster.ready'] }];
    await write('list.yaml', '- url: https://hooks.example.com/\n  events: [cluster.ready]\n');
    await write('list.json', JSON.stringify(webhooks));
    for (const name of ['list.yaml', 'list.json']) expect(await load({ CLUSTERWRIGHT_WEBHOOKS: name })).toEqual({ webhooks, secrets: ['a-secret-of-24-characters'] });
  });

  it('are refused with every fault at once', async () => {
    await write('webhook-secret', 'a-secret-of-24-characters');
    await write('list.yaml', '- url: https://hooks.example.com/\n  events: [job.exploded]\n- url: https://hooks.example.com/\n- event: "*"\n');
    const error: unknown = await load({ CLUSTERWRIGHT_WEBHOOKS: 'list.yaml' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'settings-invalid' });
    for (const place of ['/0/events/0', '/1/events', '/2/url', '/2/event ']) expect(String(error)).toContain(place);
    await write('list.yaml', '- {url: "https://10.0.0.1/", events: ["*"]}\n- {url: "http://hooks.internal/", events: ["*"]}\n');
    await expect(load({ CLUSTERWRIGHT_WEBHOOKS: 'list.yaml' })).rejects.toMatchObject({ code: 'settings-invalid', faults: [{ pointer: '/0/url' }, { pointer: '/1/url' }] });
    expect((await load({ CLUSTERWRIGHT_WEBHOOKS: 'list.yaml', CLUSTERWRIGHT_WEBHOOK_ALLOW: '10.0.0.0/8,hooks.internal' })).webhooks).toHaveLength(2);
    await expect(load({ CLUSTERWRIGHT_WEBHOOKS: 'nowhere.yaml' })).rejects.toMatchObject({ code: 'settings-invalid', message: expect.stringContaining('does not exist') });
  });

  it('need a secret, which a named file must have', async () => {
    await write('list.yaml', '- {url: "https://hooks.example.com/", events: ["*"]}\n');
    await expect(load({ CLUSTERWRIGHT_WEBHOOKS: 'list.yaml' })).rejects.toMatchObject({ code: 'settings-invalid' });
    await expect(load({ CLUSTERWRIGHT_WEBHOOK_SECRET_FILE: 'nowhere' })).rejects.toMatchObject({ code: 'settings-invalid' });
    await write('short', 'short-word');
    const error: unknown = await load({ CLUSTERWRIGHT_WEBHOOK_SECRET_FILE: 'short' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'settings-invalid' });
    expect(String(error)).not.toContain('short-word');
  });

  it('are signed with two secrets while one takes the other\'s place', async () => {
    await write('secrets', 'the-new-secret-012345\nthe-old-secret-012345\n');
    expect((await load({ CLUSTERWRIGHT_WEBHOOK_SECRET_FILE: 'secrets' })).secrets).toEqual(['the-new-secret-012345', 'the-old-secret-012345']);
  });

  it('get a secret in the home that only its owner can read', async () => {
    const file = path.join(folder, 'webhook-secret');
    await ensureSecret(file);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const { secrets: [first = ''] } = await load();
    expect(first.length).toBeGreaterThanOrEqual(43);
    await ensureSecret(file);
    expect((await load()).secrets).toEqual([first]);
  });

  it('have allowed targets that the settings are refused without', () => {
    expect(() => readSettings({ CLUSTERWRIGHT_WEBHOOK_ALLOW: '10.0.0.0/99, 127.0.0.1' }, folder)).toThrow(/CLUSTERWRIGHT_WEBHOOK_ALLOW has "10.0.0.0\/99"/);
  });
});
