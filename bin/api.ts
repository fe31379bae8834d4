import pino from 'pino';
import { startApi } from './api-process.js';
import { checkStart } from './checks/start.js';
import { processSettings } from './process-settings.js';
import { refuse } from './refuse.js';
import { requireShared } from './separate.js';

// `npm run api`: the API alone, for more than one machine.
try {
  const settings = await processSettings();
  const redisUrl = requireShared(settings);
  const log = pino({ level: settings.logLevel });
  await checkStart(settings, 'api', log);
  const api = await startApi(settings, redisUrl, log);
  log.info({ url: api.url }, 'the service is ready');
  const stop = async (signal: string): Promise<void> => {
    log.info({ signal }, 'stopping');
    await api.stop();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(signal));
} catch (error) {
  refuse(error);
}
