import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Accounts } from '../model/accounts.js';
import { ClusterwrightError } from '../model/errors.js';
import type { Settings } from '../model/settings.js';
import { EngineCommand } from '../worker/engine/command.js';
import { listStacks } from '../worker/engine/listing.js';
import { EngineStack } from '../worker/engine/stack.js';
import { findEngine } from '../worker/engine/binary.js';
import { installationOfBackend, isUntouched, type InstallationSecrets } from '../worker/installation.js';
import { operationEnvironment } from '../worker/operation/environment.js';
import { loadAccounts } from './accounts.js';
import { sandboxEnvironment } from './sandbox-environment.js';

/** What a command needs that works on the backend beside the service: its stacks, with the right key, and the accounts. */
export interface BackendSession {
  readonly accounts: Accounts;
  readonly installation: InstallationSecrets;
  readonly signal: AbortSignal;
  stack(name: string): EngineStack;
  /** Names of all stacks of the clusters' project. Throws `backend-unavailable` and `engine-failed`. */
  stackNames(): Promise<string[]>;
}

/** The environment in which the plain engine and the programs find backend, key and (where one runs) sandbox. */
export async function backendEnvironment(settings: Settings, sandboxNeeded: boolean): Promise<Record<string, string>> {
  const engine = await findEngine();
  const sandbox = settings.cloud === 'sandbox' ? await sandboxEnvironment(settings.home).catch((error: unknown) => {
    if (sandboxNeeded) throw error;
    return {};
  }) : {};
  return operationEnvironment({ ...process.env, ...sandbox }, { engine, ...settings });
}

/**
 * Opens a session, runs `work` in it and leaves nothing behind. The process takes on the operation's environment, as an operation's does. Throws
 * `installation-mismatch` and `secrets-key-mismatch` before anything is written, and `prerequisite-missing` without the sandbox that is needed.
 */
export async function withBackend<T>(settings: Settings, { sandboxNeeded }: { sandboxNeeded: boolean }, work: (session: BackendSession) => Promise<T>): Promise<T> {
  const environment = await backendEnvironment(settings, sandboxNeeded);
  Object.assign(process.env, environment);
  const [engine, accounts] = await Promise.all([findEngine(), loadAccounts(settings.accountsFile)]);
  const none = new ClusterwrightError('installation-mismatch', `The backend ${settings.backendUrl} has no installation.`);
  // The engine writes its first file into an empty backend as soon as it looks.
  if (await isUntouched(settings.backendUrl)) throw none;
  const workRoot = path.join(settings.home, 'work');
  await mkdir(workRoot, { recursive: true });
  const workDir = await mkdtemp(path.join(workRoot, `backend-${process.pid}-`));
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  try {
    const { backendUrl, secretsProvider } = settings;
    const installation = await installationOfBackend({ engine, backendUrl, secretsProvider, mode: settings.cloud, workRoot, environment }, workDir);
    if (!installation) throw none;
    const command = new EngineCommand(engine, environment);
    return await work({
      accounts, installation,
      signal: interrupted.signal,
      stack: (name) => new EngineStack(name, command, { workDir, encryption: installation.encryption }),
      stackNames: () => listStacks(command, backendUrl, workDir),
    });
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}
