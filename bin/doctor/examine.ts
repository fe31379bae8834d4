import type { Settings } from '../../model/settings.js';
import { findEngine, type Engine } from '../../worker/index.js';
import { accountFindings, accountsFile, sidesOf } from '../checks/accounts.js';
import { backendFindings } from '../checks/backend.js';
import { engineFinding, neededPlugins, pluginFindings } from '../checks/engine.js';
import { homeFindings, tlsFindings, webhookFindings } from '../checks/files.js';
import { look, ok, warn, type Finding } from '../checks/finding.js';
import { lookAtRedis } from '../checks/redis.js';
import { keyFindings, tenancyFindings } from '../checks/sign-in.js';
import { redisUrlOf } from '../redis-url.js';
import { sandboxEnvironment } from '../sandbox-environment.js';

/** Looks at all that the service needs, one thing after the other where they hang on each other. Makes and changes nothing. */
export async function examine(settings: Settings, region: string | undefined): Promise<readonly Finding[]> {
  const mode = await look('mode', () => modeFinding(settings));
  const { findings: file, accounts } = await accountsFile(settings.accountsFile);
  const url = await redisUrlOf(settings);
  const redis = url === undefined
    ? { findings: [warn('Redis', 'REDIS_URL is not set: "npm start" brings one along; separate API and workers need their own.')], installation: undefined }
    : await lookAtRedis(url, settings);
  let engine: Engine | undefined;
  const found = await look('engine', async () => engineFinding((engine = await findEngine())));
  const backend = engine === undefined ? [] : await backendFindings({ settings, engine, redis: redis.installation });
  const made = settings.redisUrl === undefined && !settings.webhooks.secretFileGiven;
  const rest = await Promise.all([
    homeFindings(settings),
    look('plugins', async () => pluginFindings(await neededPlugins(accounts), { probe: true })),
    tenancyFindings(settings.http),
    keyFindings(settings.http),
    tlsFindings(settings.http.tls),
    webhookFindings(settings.webhooks, made),
    ...sidesOf(accounts).map((side) => accountFindings(side, accounts, region)),
  ]);
  return [mode, found, redis.findings, backend, file, ...rest].flat();
}

/** Against a sandbox everything is asked of it, as the service asks. */
async function modeFinding(settings: Settings): Promise<Finding> {
  if (settings.cloud === 'live') return ok('mode', 'live');
  Object.assign(process.env, await sandboxEnvironment(settings.home));
  return warn('mode', 'sandbox: clusters are emulated on this machine. Set CLUSTERWRIGHT_CLOUD=live for real ones.');
}
