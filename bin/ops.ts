import { backendEnvironment, withBackend } from './backend-session.js';
import { respectRunningJob } from './ops/lease.js';
import { opsRequest } from './ops/options.js';
import { runVerb } from './ops/run.js';
import { processSettings } from './process-settings.js';
import { refuse } from './refuse.js';

// `npm run ops`: the way in when the service is down. The same programs, without Redis and queue.
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Variables that `env` leaves out: the caller's shell has them. */
const ofTheShell = new Set(['HOME', 'LANG', 'LC_ALL', 'TMPDIR', 'TZ', 'USER']);

try {
  const request = opsRequest(process.argv.slice(2));
  const settings = await processSettings();
  switch (request.command) {
    case 'env': {
      const environment = await backendEnvironment(settings, false);
      for (const [name, value] of Object.entries(environment)) if (!ofTheShell.has(name) && value !== process.env[name]) say(`export ${name}='${value.replaceAll("'", String.raw`'\''`)}'`);
      break;
    }
    case 'run': {
      const { cluster, kind, verb } = request;
      if (verb !== 'preview' && !(await respectRunningJob(settings, cluster))) say('No Redis answers: nobody can tell whether a job works on this cluster. The engine\'s own lock is respected.');
      await withBackend(settings, { sandboxNeeded: true }, (session) => runVerb(session, cluster, kind, verb, say));
      break;
    }
  }
  process.exit(0);
} catch (error) {
  refuse(error);
}
