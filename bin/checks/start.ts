import type { Logger } from 'pino';
import type { Accounts } from '../../model/accounts.js';
import { ClusterwrightError } from '../../model/errors.js';
import type { Settings } from '../../model/settings.js';
import { findEngine } from '../../worker/index.js';
import { accountsFile, exampleSpec, identityFindings, permissionFindings, sidesOf } from './accounts.js';
import { neededPlugins, pluginFindings } from './engine.js';
import { homeFindings, tlsFindings, webhookFindings } from './files.js';
import { look, type Finding } from './finding.js';
import { lookAtRedis } from './redis.js';
import { tenancyFindings } from './sign-in.js';

/** What starts: the whole service, or one of its halves. */
export type StartingPart = 'service' | 'api' | 'worker';

/** Accounts are given this long at a start, in milliseconds. */
const accessLimitMs = 15_000;

/**
 * Before a process of a live installation starts: looks at all that can be looked at on this machine and in Redis, and throws `prerequisite-missing` with a sentence for each
 * thing that is missing. What somebody should know is logged. Backend and installation are compared by the worker in any case.
 */
export async function checkStart(settings: Settings, part: StartingPart, log: Pick<Logger, 'warn'>): Promise<void> {
  if (settings.cloud !== 'live') return;
  const { findings: file, accounts } = await accountsFile(settings.accountsFile);
  const ofApi = part === 'worker' ? [] : [tenancyFindings(settings.http), tlsFindings(settings.http.tls)];
  const ofWorker = part === 'api' ? [] : [
    look('engine', async () => {
      await findEngine();
      return pluginFindings(await neededPlugins(accounts), { probe: false });
    }),
    webhookFindings(settings.webhooks, part === 'service' && !settings.webhooks.secretFileGiven),
  ];
  const ofRedis = settings.redisUrl === undefined ? [] : [lookAtRedis(settings.redisUrl, settings).then(({ findings }) => findings)];
  const findings = [...file, ...(await Promise.all([homeFindings(settings), ...ofApi, ...ofWorker, ...ofRedis])).flat()];
  report(findings, log);
  refuseMissing(findings);
}

/**
 * When a worker of a live installation has started: asks each account who we are there and what we may do. One that does not let us in is logged, for the others can be
 * worked with; where none does, throws `prerequisite-missing`.
 */
export async function checkAccess(accounts: Accounts, log: Pick<Logger, 'warn'>): Promise<void> {
  const looks = await Promise.all(sidesOf(accounts).map(async (side) => {
    const { region } = await exampleSpec(side, accounts, undefined);
    const identity = await identityFindings(side, region, accessLimitMs);
    const refused = identity.filter(({ level }) => level === 'missing');
    return { refused, findings: refused.length > 0 ? refused : await permissionFindings(side, region, accessLimitMs) };
  }));
  report(looks.flatMap(({ findings }) => findings).map((finding) => (finding.level === 'missing' ? { ...finding, level: 'warn' } : finding)), log);
  if (looks.every(({ refused }) => refused.length > 0)) refuseMissing(looks.flatMap(({ refused }) => refused));
}

function report(findings: readonly Finding[], log: Pick<Logger, 'warn'>): void {
  for (const { about, level, text } of findings) if (level === 'warn') log.warn({ about }, text);
}

function refuseMissing(findings: readonly Finding[]): void {
  const missing = findings.filter(({ level }) => level === 'missing');
  if (missing.length === 0) return;
  throw new ClusterwrightError('prerequisite-missing', missing.map(({ about, text }) => `${about}: ${text}`).join('\n'), { hint: '"npm run doctor" looks at all of it, and at the accounts.' });
}
