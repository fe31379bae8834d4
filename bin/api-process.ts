import { access, constants } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Queue } from 'bullmq';
import pino, { type Logger } from 'pino';
import { createApi, serve, type CheckResult } from '../api/index.js';
import type { Settings } from '../model/settings.js';
import { assertDurable, connect, OutboxRelay, queueOptions, Store } from '../store/index.js';
import { queueNames } from '../store/queue.js';
import { loadAccounts } from './accounts.js';
import { loadCatalogue } from './catalogue.js';
import { openConsole } from './console.js';
import { loadSignIn } from './sign-in.js';
import { startTracing } from './tracing.js';

/** The API with its own connection to Redis, listening. */
export interface ApiProcess {
  readonly url: string;
  /** Stops listening, finishes requests, releases what it holds. */
  stop(): Promise<void>;
}

/** A worker's word about the backend counts for this long, in milliseconds. */
const beatMaxAgeMs = 60_000;

/** Starts the API half of the service. Throws where Redis could lose records or the accounts file is faulty. */
export async function startApi(settings: Settings, redisUrl: string, log: Logger): Promise<ApiProcess> {
  const tracing = startTracing('api');
  const { http } = settings;
  const [accounts, catalogue, { signIn, tenancy }, pages] = await Promise.all([loadAccounts(settings.accountsFile), loadCatalogue(), loadSignIn(http), openConsole(settings)]);
  const redis = connect(redisUrl, 'api');
  const store = new Store(redis);
  await assertDurable(redis, settings.redisDurabilityAsserted);
  const queues = { operations: new Queue(queueNames.operations, queueOptions(redis, tracing.queue)), previews: new Queue(queueNames.previews, queueOptions(redis, tracing.queue)) };
  for (const queue of Object.values(queues)) queue.on('error', (error) => log.debug({ err: error }, 'queue'));
  const relay = new OutboxRelay(store, queues, log, tracing.traceOf(store));
  relay.start();
  const auditFile = pino.destination({ dest: http.auditFile, append: true, mkdir: true, sync: true, mode: 0o600 });
  const app = createApi({
    store, relay, catalogue, accounts, log, signIn, tenancy,
    audit: { write: (line) => void auditFile.write(line), keepDays: http.auditDays },
    trustedProxies: http.trustedProxies,
    console: pages,
    limits: { writesPerMinute: http.changesPerMinute },
    simulated: settings.cloud === 'sandbox',
    allowedTargets: settings.webhooks.allowed,
    backendCheck: () => backendCheck(settings, store),
    queueDepth: async () => (await Promise.all(Object.values(queues).map((queue) => queue.count()))).reduce((sum, count) => sum + count, 0),
  });
  const server = await serve(app, settings.host, settings.port, http.tls);
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      await relay.stop();
      auditFile.end();
      await Promise.all(Object.values(queues).map((queue) => queue.close().catch(() => undefined)));
      redis.disconnect();
      await tracing.stop();
    },
  };
}

/** A local backend is looked at; of a remote one the workers tell, which use it all the time. */
async function backendCheck(settings: Settings, store: Store): Promise<CheckResult> {
  if (settings.backendUrl.startsWith('file://')) {
    return access(fileURLToPath(settings.backendUrl), constants.R_OK | constants.W_OK).then(() => 'ok' as const, () => 'failed' as const);
  }
  const beats = (await store.workers()).filter((beat) => Date.now() - Date.parse(beat.at) < beatMaxAgeMs);
  if (beats.length === 0) return 'unknown';
  return beats.some((beat) => beat.backend === 'ok') ? 'ok' : 'failed';
}
