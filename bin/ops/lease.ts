import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { ClusterwrightError, isClusterwrightError } from '../../model/errors.js';
import type { Settings } from '../../model/settings.js';
import { connect, Store } from '../../store/index.js';

/**
 * Respects the work of a running service: throws `operation-in-progress` where Redis answers and the cluster has an unfinished job. Answers false where
 * no Redis answers, which is what this way in is for.
 */
export async function respectRunningJob(settings: Settings, cluster: string): Promise<boolean> {
  const url = settings.redisUrl ?? (await embeddedRedisUrl(settings.home));
  if (url === undefined) return false;
  const redis = connect(url, 'ops');
  try {
    const record = await new Store(redis).getCluster(cluster);
    if (record?.activeJob) throw new ClusterwrightError('operation-in-progress', `The job ${record.activeJob} works on "${cluster}".`, { job: `/jobs/${record.activeJob}` });
    return true;
  } catch (error) {
    if (isClusterwrightError(error) && error.code === 'store-unavailable') return false;
    throw error;
  } finally {
    redis.disconnect();
  }
}

/** The embedded Redis of a service that runs in this home; its file stays behind when the service is killed. */
async function embeddedRedisUrl(home: string): Promise<string | undefined> {
  const text = await readFile(path.join(home, 'redis', 'server.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : z.object({ url: z.string() }).parse(JSON.parse(text)).url;
}
