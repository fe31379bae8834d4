import type { Redis } from 'ioredis';
import { ClusterwrightError } from '../model/errors.js';
import { Link } from './link.js';

/** What Redis has to be set to, since it is the only database. */
const required = [
  { setting: 'appendonly', value: 'yes', why: 'records would be lost with a restart' },
  { setting: 'maxmemory-policy', value: 'noeviction', why: 'records would be evicted when memory runs short' },
] as const;

/**
 * Makes sure that Redis keeps what it is given: append-only file on, no eviction. A managed Redis may hide its settings; then the
 * operator's word counts (`asserted`). Settings that can be seen and are wrong are refused in any case.
 * Throws `redis-not-durable` with every wrong setting, or `store-unavailable`.
 */
export async function assertDurable(redis: Redis, asserted: boolean): Promise<void> {
  const settings = await new Link(redis).call(readSettings);
  const hidden = required.filter(({ setting }) => settings.get(setting) === undefined);
  const wrong = required.filter(({ setting, value }) => settings.has(setting) && settings.get(setting) !== value);
  if (wrong.length > 0) {
    const faults = wrong.map(({ setting, value, why }) => `${setting} is "${settings.get(setting) ?? ''}" and must be "${value}": ${why}`);
    throw new ClusterwrightError('redis-not-durable', `${faults.join('; ')}.`);
  }
  if (hidden.length > 0 && !asserted) {
    throw new ClusterwrightError('redis-not-durable', `This Redis does not show ${hidden.map(({ setting }) => setting).join(' and ')}, so nothing says that it keeps records.`);
  }
}

/** The settings as far as Redis tells them: managed ones rename CONFIG, forbid it or answer it with less. */
async function readSettings(redis: Redis): Promise<Map<string, string>> {
  const settings = new Map<string, string>();
  for (const { setting } of required) {
    const reply = await redis.config('GET', setting).catch((error: unknown) => {
      if (error instanceof Error && /^(ERR unknown command|ERR unknown subcommand|NOPERM|ERR .*not allowed|ERR .*disabled)/i.test(error.message)) return [];
      throw error;
    });
    if (Array.isArray(reply) && reply[0] === setting && typeof reply[1] === 'string') settings.set(setting, reply[1]);
  }
  return settings;
}
