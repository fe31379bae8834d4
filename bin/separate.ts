import { ClusterwrightError } from '../model/errors.js';
import type { Settings } from '../model/settings.js';

/**
 * What the separate halves of the service need: a Redis that both reach, and a backend that both reach. A `file://` backend is shared only where
 * somebody says so. Answers the address of Redis; throws `settings-invalid`.
 */
export function requireShared(settings: Settings): string {
  const faults = [
    ...(settings.redisUrl === undefined ? ['REDIS_URL must name the Redis that API and workers share'] : []),
    ...(settings.backendUrl.startsWith('file://') && !settings.sharedBackendAsserted
      ? ['PULUMI_BACKEND_URL is a folder of this machine; set CLUSTERWRIGHT_SHARED_BACKEND=asserted if every worker has it under this path']
      : []),
  ];
  if (settings.redisUrl === undefined || faults.length > 0) throw new ClusterwrightError('settings-invalid', `${faults.join('; ')}.`);
  return settings.redisUrl;
}
