import { ClusterwrightError, isClusterwrightError } from '../../model/errors.js';
import type { Settings } from '../../model/settings.js';
import { connect, Store } from '../../store/index.js';
import { redisUrlOf } from '../redis-url.js';

/**
 * Respects the work of a running service: throws `operation-in-progress` where Redis answers and the cluster has an unfinished job. Answers false where
 * no Redis answers, which is what this way in is for.
 */
export async function respectRunningJob(settings: Settings, cluster: string): Promise<boolean> {
  const url = await redisUrlOf(settings);
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
