import pino from 'pino';
import { checkStart } from './checks/start.js';
import { processSettings } from './process-settings.js';
import { refuse } from './refuse.js';
import { startService } from './service.js';

// `npm start`: API and worker, with the embedded Redis and the sandbox unless configured otherwise.
try {
  const settings = await processSettings();
  const log = pino({ level: settings.logLevel });
  await checkStart(settings, 'service', log);
  const service = await startService(settings, log, 'inherit');
  log.info({ url: service.url, home: settings.home, cloud: settings.cloud }, 'the service is ready');
  let stopping = false;
  const stop = async (reason: string): Promise<void> => {
    if (stopping) return service.hurry();
    stopping = true;
    log.info({ reason }, 'stopping: running operations get some time; the same signal again does not wait for them');
    await service.stop();
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop('SIGTERM'));
  process.on('SIGINT', () => void stop('SIGINT'));
  const reason = await service.failed;
  log.fatal({ reason }, 'a part that the service cannot do without ended');
  await service.stop();
  process.exit(1);
} catch (error) {
  refuse(error);
}
