import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Receiver } from '../../support/receiver.js';
import { settled, webhookSetting, type WebhookSetting } from './setting.js';

const built = path.resolve(import.meta.dirname, '../../../dist');

/** A worker's deliveries in a process of their own. */
const program = `
  import { connect, Store } from '${built}/store/index.js';
  import { startWebhooks } from '${built}/worker/webhooks/index.js';
  import { allowedTargetsSchema } from '${built}/model/webhook-targets.js';
  const log = { debug() {}, info() {}, warn() {} };
  const redisUrl = process.argv[1];
  startWebhooks({ store: new Store(connect(redisUrl, 'test')), redisUrl, log, webhooks: [], secrets: ['0123456789abcdef'], allowed: allowedTargetsSchema.parse('127.0.0.0/8'), times: { sweepMs: 50, repeatMs: 60000 } });
`;

describe('a worker that is killed while it delivers to a webhook', () => {
  let setting: WebhookSetting;
  let receiver: Receiver;
  let down = true;

  beforeEach(async () => {
    setting = await webhookSetting();
    receiver = await setting.receiver((response) => (down ? undefined : response.writeHead(200).end()));
  });
  afterEach(() => setting.end());

  it('leaves it to another one, which delivers the same again', async () => {
    const worker = spawn(process.execPath, ['--input-type=module', '-e', program, setting.server.url], { stdio: ['ignore', 'ignore', 'inherit'] });
    await setting.run(await setting.create('a', [{ url: receiver.url, events: ['cluster.ready'] }]));
    await receiver.until(1);
    const ended = once(worker, 'exit');
    worker.kill('SIGKILL');
    await ended;
    down = false;
    setting.deliver();
    // The queue notices within half a minute that nobody works on it any more.
    const received = await receiver.until(2);
    const [delivery] = await setting.deliveries('a', settled);
    expect(delivery).toMatchObject({ state: 'delivered', triesInRound: 1 });
    expect(received[1]?.text).toBe(received[0]?.text);
    expect(received).toHaveLength(2);
  });
});
