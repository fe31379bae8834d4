import type { Logger } from 'pino';
import type { Settings } from '../model/settings.js';
import { startEmbeddedRedis } from '../store/index.js';
import { startApi } from './api-process.js';
import type { ChildOutput } from './child-output.js';
import { ensureSecret, takeHome } from './home.js';
import { ensureSandboxAccounts, startSandbox } from './sandbox-process.js';
import { superviseWorker } from './worker-process.js';
import { ClusterwrightError } from '../model/errors.js';

/** The whole service: API, worker, and the embedded parts that the settings ask for. */
export interface Service {
  readonly url: string;
  /** Where the sandbox, if there is one, can be looked into. */
  readonly sandboxControl: string | undefined;
  /** Settles when a part that the service cannot do without has ended, with what to say about it. */
  readonly failed: Promise<string>;
  /** Stops everything in order: API, worker, sandbox, Redis. */
  stop(): Promise<void>;
  /** Does not wait for running operations when it stops: they are killed, and go on with the next start. */
  hurry(): void;
}

/**
 * Starts the service and answers when it can take requests. Throws, with everything stopped that was started already, where a part refuses: a home in
 * use, a faulty accounts file, a Redis that loses records, a backend of another installation.
 */
export async function startService(settings: Settings, log: Logger, output: ChildOutput): Promise<Service> {
  const stops: (() => Promise<void>)[] = [];
  let stopping = false;
  const stop = async (): Promise<void> => {
    stopping = true;
    for (const end of stops.splice(0).reverse()) await end().catch((error: unknown) => log.error({ err: error }, 'a part did not stop cleanly'));
  };
  try {
    const home = await takeHome(settings.home);
    stops.push(() => home.release());
    if (settings.secretsProvider === 'passphrase') await ensureSecret(settings.passphraseFile);
    if (!settings.webhooks.secretFileGiven) await ensureSecret(settings.webhooks.secretFile);

    const redisUrl = settings.redisUrl ?? await embeddedRedis();
    const sandbox = settings.cloud === 'sandbox' ? await startSandbox(settings, output) : undefined;
    if (sandbox) {
      stops.push(() => sandbox.stop());
      await ensureSandboxAccounts(settings.accountsFile);
    }
    // The worker first: it compares backend, Redis and settings and refuses before anything is written that does not belong together.
    const worker = superviseWorker({ ...process.env, ...sandbox?.environment, REDIS_URL: redisUrl }, output, log);
    stops.push(() => worker.stop());
    const refusal = await worker.started;
    if (refusal !== undefined) throw new ClusterwrightError('prerequisite-missing', refusal, { hint: 'Nothing was changed.' });
    const api = await startApi(settings, redisUrl, log);
    stops.push(() => api.stop());
    const failed = new Promise<string>((resolve) => void sandbox?.ended.then((reason) => {
      if (!stopping) resolve(reason);
    }));
    return { url: api.url, sandboxControl: sandbox?.control, failed, stop, hurry: () => worker.hurry() };
  } catch (error) {
    await stop();
    throw error;
  }

  async function embeddedRedis(): Promise<string> {
    const redis = await startEmbeddedRedis(settings.home, log);
    stops.push(() => redis.stop());
    return redis.url;
  }
}
