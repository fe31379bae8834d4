import { AzureError } from './errors.js';

/** Words a refusal as azure-native does (`PulumiAzcoreResponseError` in its client). Other errors pass unchanged. */
export function asProviderError(error: unknown): unknown {
  return error instanceof AzureError ? new Error(`Status=${error.status} Code="${error.code}" Message="${error.message}"`) : error;
}
