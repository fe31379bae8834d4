import { execFileSync } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shortRequest } from '../../support/portal.js';
import { startReceiver, verify, type Receiver } from '../../support/receiver.js';
import { useService } from '../../support/use-service.js';

describe('a service with webhooks', () => {
  const planted = 'plantedCloudSecretForWebhooks00000001';
  const { service, portal } = useService({ CLUSTERWRIGHT_WEBHOOK_ALLOW: '127.0.0.1', CLUSTERWRIGHT_LOG_LEVEL: 'trace', AWS_SESSION_TOKEN: planted });
  let receiver: Receiver;

  beforeAll(async () => {
    receiver = await startReceiver();
  });
  afterAll(() => receiver.stop());

  it('tells a cluster\'s life from its creation to its deletion, signed with the secret in its home', async () => {
    const created = await portal.submit('POST', '/clusters', { ...shortRequest('talking'), webhooks: [{ url: receiver.url, events: ['*'] }] });
    await receiver.until(1);
    const processes = execFileSync('ps', ['-eo', 'args', 'ww'], { encoding: 'utf8', maxBuffer: 16 * 2 ** 20 });
    expect(await portal.ended(created)).toMatchObject({ state: 'succeeded', error: null });
    const deleted = await portal.change('DELETE', '/clusters/talking?retain=none');
    expect(deleted).toMatchObject({ state: 'succeeded', error: null });
    const received = await receiver.until(6);

    expect([...received].sort((a, b) => (a.body.id < b.body.id ? -1 : 1)).map(({ body }) => [body.type, body.job.id, body.cluster.state])).toEqual([
      ['job.started', created, 'provisioning'], ['job.succeeded', created, 'ready'], ['cluster.ready', created, 'ready'],
      ['job.started', deleted.id, 'deleting'], ['job.succeeded', deleted.id, 'deleted'], ['cluster.deleted', deleted.id, 'deleted'],
    ]);
    const file = path.join(service.home, 'webhook-secret');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const secret = await readFile(file, 'utf8');
    for (const { at, headers, text } of received) expect(verify(secret, String(headers['clusterwright-signature']), text, at)).toBe(true);

    const passphrase = await readFile(path.join(service.home, 'passphrase'), 'utf8');
    const sent = JSON.stringify(received);
    for (const word of [secret, passphrase, planted]) expect(sent).not.toContain(word);
    for (const place of [service.output(), processes, await (await portal.send('GET', '/clusters/talking/webhook-deliveries')).text()]) expect(place).not.toContain(secret);
  });
});
