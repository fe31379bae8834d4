import { Queue } from 'bullmq';
import pino from 'pino';
import { assertDurable, connect, OutboxRelay, queueOptions, Store } from '../store/index.js';
import { queueNames } from '../store/queue.js';
import { findEngine, startWorker } from '../worker/index.js';
import { startWebhooks } from '../worker/webhooks/index.js';
import { loadAccounts } from './accounts.js';
import { checkAccess, checkStart } from './checks/start.js';
import { showLiveness } from './liveness.js';
import { stepBack } from './priority.js';
import { processSettings } from './process-settings.js';
import { refuse } from './refuse.js';
import { sandboxEnvironment } from './sandbox-environment.js';
import { requireShared } from './separate.js';
import { startTracing } from './tracing.js';
import { loadWebhooks } from './webhooks.js';

// `npm run worker`: a worker alone; `npm start` runs it as its child.
const attached = process.env['CLUSTERWRIGHT_ATTACHED'] === '1';

stepBack();
try {
  const settings = await processSettings();
  const redisUrl = attached ? settings.redisUrl ?? requireShared(settings) : requireShared(settings);
  const log = pino({ level: settings.logLevel, base: { pid: process.pid, part: 'worker' } });
  if (!attached) await checkStart(settings, 'worker', log);
  const tracing = startTracing('worker');
  const [accounts, engine, signing] = await Promise.all([loadAccounts(settings.accountsFile), findEngine(), loadWebhooks(settings.webhooks)]);
  // The observer talks to the clouds from this process, so it needs what operations need.
  if (!attached && settings.cloud === 'sandbox') Object.assign(process.env, await sandboxEnvironment(settings.home));
  const redis = connect(redisUrl, 'worker');
  await assertDurable(redis, settings.redisDurabilityAsserted);
  const store = new Store(redis);
  const queues = { operations: new Queue(queueNames.operations, queueOptions(redis, tracing.queue)), previews: new Queue(queueNames.previews, queueOptions(redis, tracing.queue)) };
  for (const queue of Object.values(queues)) queue.on('error', (error) => log.debug({ err: error }, 'queue'));
  const relay = new OutboxRelay(store, queues, log, tracing.traceOf(store));
  const worker = await startWorker({ store, redisUrl, relay, settings, accounts, log, engine, telemetry: tracing.queue });
  if (settings.cloud === 'live') {
    await checkAccess(accounts, log).catch(async (error: unknown) => {
      await worker.stop(0);
      throw error;
    });
  }
  const webhooks = startWebhooks({ store, redisUrl, log, ...signing, allowed: settings.webhooks.allowed });
  relay.start();
  log.info({ worker: worker.id, concurrency: settings.concurrency }, 'the worker is ready');
  process.send?.('ready');
  const hideLiveness = attached ? () => undefined : showLiveness(settings.home, log);

  let stopping = false;
  const stop = async (reason: string, graceMs?: number): Promise<void> => {
    // Who asks twice does not want to wait.
    if (stopping) return worker.hurry();
    stopping = true;
    hideLiveness();
    log.info({ reason }, 'stopping');
    await worker.stop(graceMs);
    await webhooks.stop(graceMs);
    await relay.stop();
    await Promise.all(Object.values(queues).map((queue) => queue.close().catch(() => undefined)));
    redis.disconnect();
    await tracing.stop();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal));
  // The service's only message: it is in a hurry.
  if (attached) process.on('message', () => worker.hurry());
  // The service holds the other end of the standard input: when it is gone, nobody would stop this worker, and what it brought along (Redis, sandbox)
  // is gone too.
  if (attached) process.stdin.once('close', () => void stop('the service is gone', 0)).resume();
} catch (error) {
  refuse(error);
}
