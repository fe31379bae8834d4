import { fileURLToPath } from 'node:url';
import { Queue } from 'bullmq';
import pino from 'pino';
import { loadAccounts } from '../bin/accounts.js';
import { stepBack } from '../bin/priority.js';
import { processSettings } from '../bin/process-settings.js';
import { sandboxEnvironment } from '../bin/sandbox-environment.js';
import { requireShared } from '../bin/separate.js';
import { connect, OutboxRelay, queueOptions, Store } from '../store/index.js';
import { queueNames } from '../store/queue.js';
import { findEngine, startWorker } from '../worker/index.js';

// A worker like `npm run worker`, whose operations are stand-ins.
stepBack();
const settings = await processSettings();
const redisUrl = requireShared(settings);
const log = pino({ level: settings.logLevel, base: { pid: process.pid, part: 'worker' } });
Object.assign(process.env, await sandboxEnvironment(settings.home));
const redis = connect(redisUrl, 'worker');
const store = new Store(redis);
const queues = { operations: new Queue(queueNames.operations, queueOptions(redis)), previews: new Queue(queueNames.previews, queueOptions(redis)) };
for (const queue of Object.values(queues)) queue.on('error', (error) => log.debug({ err: error }, 'queue'));
const relay = new OutboxRelay(store, queues, log);
const [accounts, engine] = await Promise.all([loadAccounts(settings.accountsFile), findEngine()]);
const worker = await startWorker({ store, redisUrl, relay, settings, accounts, log, engine, operationProgram: fileURLToPath(new URL('./stand-in-operation.js', import.meta.url)) });
relay.start();
log.info({ worker: worker.id }, 'the worker is ready');
process.once('SIGTERM', () => void (async () => {
  await worker.stop();
  await relay.stop();
  await Promise.all(Object.values(queues).map((queue) => queue.close()));
  redis.disconnect();
  process.exit(0);
})());
