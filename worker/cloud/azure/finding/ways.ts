import { azureTypes } from '../types.js';

/**
 * How a resource is found that the cloud has and the state does not know:
 * - `id`: by its id, which its names make up. The resource manager is asked whether it is there.
 * - `again`: it is not looked for. Creating it again comes to the same, and deleting what it belongs to takes it along; `because` says why.
 *
 * All that is found is imported; the engine reads each before it believes it.
 */
export type Way = { readonly by: 'id'; readonly apiVersion: string } | { readonly by: 'again'; readonly because: string };

/** What comes with its parent, so that it is always there. */
const comesAlong: Readonly<Record<string, string>> = {
  'azure-native:storage:BlobServiceProperties': 'An account has it from the beginning, and setting it is a PUT that overwrites; it goes with its account.',
};

/** Every type that the program uses. */
export const ways: Readonly<Record<string, Way>> = Object.fromEntries(Object.entries(azureTypes).map(([token, { apiVersion }]): [string, Way] => {
  const because = comesAlong[token];
  return [token, because === undefined ? { by: 'id', apiVersion } : { by: 'again', because }];
}));
