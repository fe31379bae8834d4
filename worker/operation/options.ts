import type { Logger } from 'pino';
import type { Account } from '../../model/accounts.js';
import type { ClusterSpec } from '../../model/spec.js';
import type { Store } from '../../store/store.js';
import type { Engine } from '../engine/binary.js';
import type { InstallationSecrets } from '../installation.js';
import type { Limits } from './watchdogs.js';

/** What an operation is run with. */
export interface OperationOptions {
  readonly store: Pick<Store, 'renew' | 'write' | 'finish' | 'observe' | 'report' | 'release' | 'getCluster'>;
  readonly log: Logger;
  readonly engine: Engine;
  readonly backendUrl: string;
  /** The allow-listed environment of the operation. */
  readonly environment: Readonly<Record<string, string>>;
  /** The script that is the operation's process; ours where it is missing. */
  readonly program?: string | undefined;
  /** Folder for work directories. */
  readonly workRoot: string;
  readonly limits: Limits;
  /** How long a cancelled operation has to end in order before it may be killed, in milliseconds. */
  readonly cancelGraceMs: number;
  /** How long a node's pods may keep it from being drained before its machine is ended, in milliseconds. */
  readonly drainLimitMs: number;
  /** The installation as the backend has it, checked not long ago. Throws when backend, key or mode are not those of this service. */
  installation(): Promise<InstallationSecrets>;
  /** The account of a spec. Throws `account-unknown`. */
  account(spec: ClusterSpec): Account;
}
