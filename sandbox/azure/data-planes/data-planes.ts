import type { Cloud } from '../cloud.js';
import type { Blobs } from './blobs.js';
import type { DeletedVaults } from './deleted-vaults.js';
import type { Tokens } from './tokens.js';
import type { VaultSecrets } from './vault-secrets.js';

/** What the data planes work on. */
export interface DataPlanes {
  readonly cloud: Cloud;
  readonly tokens: Tokens;
  readonly secrets: VaultSecrets;
  readonly blobs: Blobs;
  readonly deletedVaults: DeletedVaults;
  /** Actions of the resource manager that the service may not do now. */
  readonly denied: () => readonly string[];
  /** Ids of the subnets that a machine stands in. */
  readonly subnetsOf: (machine: string) => string[];
}
