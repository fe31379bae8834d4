import { clusterNamePattern } from '../model/names.js';
import { ClusterwrightError } from '../model/errors.js';
import { connect, Store } from '../store/index.js';
import { withBackend } from './backend-session.js';
import { rebuild, type Outcome } from './rebuild/rebuild.js';
import { columns } from './rebuild/table.js';
import { processSettings } from './process-settings.js';
import { redisUrlOf } from './redis-url.js';
import { refuse } from './refuse.js';

// `npm run rebuild [-- NAME ...]`: brings the clusters' records back from the state backend into a Redis that has lost them.
try {
  const settings = await processSettings();
  const only = process.argv.slice(2);
  const faulty = only.find((name) => !clusterNamePattern.test(name));
  if (faulty !== undefined) throw new ClusterwrightError('settings-invalid', `"${faulty}" is no name of a cluster.`, { hint: 'Call it as "npm run rebuild" or "npm run rebuild -- NAME ...".' });
  const url = await redisUrlOf(settings);
  if (url === undefined) {
    throw new ClusterwrightError('settings-invalid', `No service runs in ${settings.home}, and REDIS_URL names no other Redis.`, { hint: 'Start the service with "npm start", or set REDIS_URL.' });
  }
  const redis = connect(url, 'rebuild');
  const store = new Store(redis);
  await store.ping();
  const outcomes = await withBackend(settings, { sandboxNeeded: false }, (session) => rebuild(session, store, settings, only));
  redis.disconnect();
  process.stdout.write(`${report(outcomes)}\n`);
  process.exit(outcomes.some(({ what }) => what === 'unreadable') ? 1 : 0);
} catch (error) {
  refuse(error);
}

function report(outcomes: readonly Outcome[]): string {
  if (outcomes.length === 0) return 'The backend has no clusters.';
  const count = (what: Outcome['what']): number => outcomes.filter((outcome) => outcome.what === what).length;
  const rows = outcomes.map((outcome): string[] => {
    switch (outcome.what) {
      case 'restored':
      case 'kept': {
        const { name, state, spec, slot, connection } = outcome.cluster;
        return [name, outcome.what, state, spec.kubernetesVersion, String(slot), connection?.endpoint ?? '–', outcome.reason ?? ''];
      }
      case 'nothing-there':
        return [outcome.name, 'empty', '–', '–', '–', '–', 'the backend holds nothing of it'];
      case 'unreadable':
        return [outcome.name, 'unreadable', '–', '–', '–', '–', outcome.error];
    }
  });
  return `${columns(['CLUSTER', 'RESULT', 'STATE', 'VERSION', 'SLOT', 'ENDPOINT', 'REASON'], rows)}\n\n${count('restored')} restored, ${count('kept')} kept, ${count('unreadable')} unreadable`;
}
