import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Settings } from '../model/settings.js';

/**
 * Where the Redis of a service is: the one that the settings name, or the embedded one of a service that runs in this home, whose file stays behind when
 * the service is killed. Undefined where there is neither.
 */
export async function redisUrlOf({ redisUrl, home }: Pick<Settings, 'redisUrl' | 'home'>): Promise<string | undefined> {
  if (redisUrl !== undefined) return redisUrl;
  const text = await readFile(path.join(home, 'redis', 'server.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : z.object({ url: z.string() }).parse(JSON.parse(text)).url;
}
