import { readFile } from 'node:fs/promises';
import { ClusterwrightError } from '../model/errors.js';
import { withPassword } from '../model/redis-url.js';
import { readSettings, type Settings } from '../model/settings.js';

/**
 * The settings of this process: its environment, and the password of Redis out of the file that REDIS_PASSWORD_FILE names, so that it stands in no variable. Throws
 * `settings-invalid` with every fault.
 */
export async function processSettings(environment: NodeJS.ProcessEnv = process.env): Promise<Settings> {
  const { REDIS_PASSWORD_FILE: file, REDIS_URL: url } = environment;
  if (!file) return readSettings(environment, process.cwd());
  if (!url) throw new ClusterwrightError('settings-invalid', 'REDIS_PASSWORD_FILE is set without REDIS_URL, the Redis that the password is for.');
  const password = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new ClusterwrightError('settings-invalid', `REDIS_PASSWORD_FILE: ${file} cannot be read.`, { resource: file, cause: error });
  });
  return readSettings({ ...environment, REDIS_URL: withPassword(url, password.trim()) }, process.cwd());
}
