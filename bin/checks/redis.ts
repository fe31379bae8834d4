import { assertDurable, connect, redisFacts, Store, type Installation, type RedisFacts } from '../../store/index.js';
import type { Settings } from '../../model/settings.js';
import { look, missing, ok, warn, type Finding } from './finding.js';

/** What was found about Redis, and whose it is, where somebody has begun with it. */
export interface RedisLook {
  readonly findings: readonly Finding[];
  readonly installation: Installation | undefined;
}

/** Streams, and the commands that queue and store use, are there from this release on. */
const oldest = [6, 2] as const;
/** Clocks of workers and Redis may be apart by this, in milliseconds, before tokens and signatures of clouds suffer. */
const clockWarn = 5_000;
const clockWrong = 60_000;

/** Looks at a Redis: that it answers, that it keeps what it is given, how old it is, and how far its clock is from ours. Writes nothing. */
export async function lookAtRedis(url: string, { redisDurabilityAsserted }: Pick<Settings, 'redisDurabilityAsserted'>): Promise<RedisLook> {
  const redis = connect(url, 'doctor');
  let installation: Installation | undefined;
  try {
    const findings = await look('Redis', async () => {
      const store = new Store(redis);
      await assertDurable(redis, redisDurabilityAsserted);
      const facts = await redisFacts(redis);
      installation = await store.installation();
      return [release(facts), ...keeping(facts, url.includes('+sentinel:')), clock(facts)];
    });
    return { findings, installation };
  } finally {
    redis.disconnect();
  }
}

function release({ version }: RedisFacts): Finding {
  if (version === undefined) return warn('Redis', `It does not tell its version; ${oldest.join('.')} or newer is needed.`);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
  return enough ? ok('Redis', `${version}, with an append-only file and without eviction.`) : missing('Redis', `${version} is too old: upgrade it to ${oldest.join('.')} or newer.`);
}

/** What a crash of Redis, or of the machine below it, would cost. */
function keeping({ appendfsync, minReplicas, replicas }: RedisFacts, sentinel: boolean): Finding[] {
  return [
    ...(appendfsync !== undefined && appendfsync !== 'always' ? [warn('Redis', `appendfsync is "${appendfsync}": a crash can lose the last second of answered requests; "always" loses none.`)] : []),
    ...(sentinel && minReplicas === 0 ? [warn('Redis', 'min-replicas-to-write is 0: a failover can lose what no replica had yet; 1 keeps it.')] : []),
    ...(sentinel && replicas === 0 ? [warn('Redis', 'No replica hangs on the primary: Sentinel has nothing to fail over to.')] : []),
  ];
}

function clock({ aheadMs }: RedisFacts): Finding {
  return clockFinding('Redis', aheadMs);
}

/** How far a clock is from ours. @param aheadMs milliseconds by which the other one is ahead */
export function clockFinding(other: string, aheadMs: number): Finding {
  const apart = `This machine's clock is ${(Math.abs(aheadMs) / 1000).toFixed(1)} s ${aheadMs > 0 ? 'behind' : 'ahead of'} that of ${other}`;
  if (Math.abs(aheadMs) > clockWrong) return missing('clock', `${apart}: have it set by a time server; tokens and signatures of clouds are refused so.`);
  return Math.abs(aheadMs) > clockWarn ? warn('clock', `${apart}: have it set by a time server.`) : ok('clock', `It agrees with that of ${other}.`);
}
