import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Accounts } from '../../model/accounts.js';
import { ClusterwrightError } from '../../model/errors.js';
import type { Settings } from '../../model/settings.js';
import { EngineCommand } from '../../worker/engine/command.js';
import { EngineStack } from '../../worker/engine/stack.js';
import { findEngine } from '../../worker/engine/binary.js';
import { installationOfBackend } from '../../worker/installation.js';
import { operationEnvironment } from '../../worker/operation/environment.js';
import { loadAccounts } from '../accounts.js';
import { sandboxEnvironment } from '../sandbox-environment.js';

/** What a call needs: the backend's stacks, with the right key, and the accounts. */
export interface OpsSession {
  readonly accounts: Accounts;
  readonly signal: AbortSignal;
  stack(name: string): EngineStack;
}

/** The environment in which the plain engine and the programs find backend, key and (where one runs) sandbox. */
export async function opsEnvironment(settings: Settings, sandboxNeeded: boolean): Promise<Record<string, string>> {
  const engine = await findEngine();
  const sandbox = settings.cloud === 'sandbox' ? await sandboxEnvironment(settings.home).catch((error: unknown) => {
    if (sandboxNeeded) throw error;
    return {};
  }) : {};
  return operationEnvironment({ ...process.env, ...sandbox }, { engine, ...settings });
}

/** Opens a session, runs `work` in it and leaves nothing behind. The process takes on the operation's environment, as an operation's does. */
export async function withSession(settings: Settings, work: (session: OpsSession) => Promise<void>): Promise<void> {
  const environment = await opsEnvironment(settings, true);
  Object.assign(process.env, environment);
  const [engine, accounts] = await Promise.all([findEngine(), loadAccounts(settings.accountsFile)]);
  const workRoot = path.join(settings.home, 'work');
  await mkdir(workRoot, { recursive: true });
  const workDir = await mkdtemp(path.join(workRoot, 'ops-'));
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  try {
    const installation = await installationOfBackend({ engine, backendUrl: settings.backendUrl, secretsProvider: settings.secretsProvider, mode: settings.cloud, workRoot, environment }, workDir);
    if (!installation) throw new ClusterwrightError('installation-mismatch', `The backend ${settings.backendUrl} has no installation.`);
    const command = new EngineCommand(engine, environment);
    await work({
      accounts,
      signal: interrupted.signal,
      stack: (name) => new EngineStack(name, command, { workDir, encryption: installation.encryption }),
    });
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}
