import { Throttled } from '../requests.js';
import { AzureError } from './errors.js';

/** Words a refusal as azure-native does (`PulumiAzcoreResponseError` in its client). Other errors pass unchanged. */
export function asProviderError(error: unknown): unknown {
  if (error instanceof Throttled) return new Error(`Status=429 Code="TooManyRequests" Message="${error.message}"`);
  return error instanceof AzureError ? new Error(`Status=${error.status} Code="${error.code}" Message="${error.message}"`) : error;
}
