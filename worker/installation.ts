import { randomUUID } from 'node:crypto';
import { access, mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ClusterwrightError, isClusterwrightError } from '../model/errors.js';
import type { Installation } from '../store/contract.js';
import type { Store } from '../store/store.js';
import type { Encryption } from './engine/backend.js';
import type { Engine } from './engine/binary.js';
import { EngineCommand } from './engine/command.js';
import { EngineStack } from './engine/stack.js';

/** The installation has a project of its own, so that `pulumi stack ls` in the clusters' project shows clusters only. */
const project = 'clusterwright-installation';
const stackName = 'installation';
/** What the canary says when it is read with the right passphrase or key. */
const canary = 'clusterwright-canary';
/** How long another process may take to make the installation, in milliseconds. */
const patienceMs = 30_000;

const plainSchema = z.object({ id: z.string(), mode: z.enum(['sandbox', 'live']) });
const clearSchema = z.object({ canary: z.literal(canary) });

/** The installation of a backend, and what its stacks are encrypted with. */
export interface InstallationSecrets extends Installation {
  readonly encryption: Encryption;
}

/** What a backend's installation is looked up with. */
export interface BackendOptions {
  readonly engine: Engine;
  readonly backendUrl: string;
  readonly secretsProvider: string;
  readonly mode: Installation['mode'];
  readonly workRoot: string;
  /** The environment in which the engine reaches the backend: that of operations. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What an installation is compared with. */
export interface InstallationOptions extends BackendOptions {
  readonly store: Pick<Store, 'installation' | 'claimInstallation'>;
}

/**
 * Compares backend, Redis and settings, and makes the installation where all of them are new. A new Redis adopts the backend's installation.
 * Throws `installation-mismatch` or `secrets-key-mismatch` before anything is written, `backend-unavailable` when the backend does not answer.
 */
export async function verifyInstallation(options: InstallationOptions): Promise<InstallationSecrets> {
  const known = await options.store.installation();
  if (known && (await isAway(options.backendUrl))) throw new ClusterwrightError('backend-unavailable', 'The folder of the backend is not there.', { resource: options.backendUrl });
  // The engine writes its first file into an empty backend as soon as it looks.
  if (known && (await isUntouched(options.backendUrl))) throw mismatch(`Redis belongs to the installation ${known.id}, and the backend is empty.`);
  if (known && known.mode !== options.mode) throw mismatch(`Redis belongs to an installation of the mode "${known.mode}", and this process runs as "${options.mode}".`);
  await mkdir(options.workRoot, { recursive: true });
  const workDir = await mkdtemp(path.join(options.workRoot, `installation-${process.pid}-`));
  try {
    const found = (await installationOfBackend(options, workDir)) ?? (await make(options, workDir, known));
    await claimRedis(options.store, found);
    return found;
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

/** Makes a Redis that is nobody's yet the installation's. Throws `installation-mismatch` where it belongs to another one. */
export async function claimRedis(store: InstallationOptions['store'], { id, mode }: Installation): Promise<void> {
  const claimed = await store.claimInstallation({ id, mode });
  if (claimed.id !== id || claimed.mode !== mode) throw mismatch(`Redis belongs to the installation ${claimed.id} (${claimed.mode}), the backend to ${id} (${mode}).`);
}

/** The backend's installation; undefined when it has none. Throws `secrets-key-mismatch` and `installation-mismatch`. */
export async function installationOfBackend(options: BackendOptions, workDir: string): Promise<InstallationSecrets | undefined> {
  const stack = openStack(options, workDir);
  const state = await stack.state();
  const plain = plainSchema.safeParse(state?.outputs);
  if (state === undefined || !plain.success || state.encryption === undefined) return undefined;
  if (plain.data.mode !== options.mode) throw mismatch(`The backend belongs to an installation of the mode "${plain.data.mode}", and this process runs as "${options.mode}".`);
  // A wrong passphrase is refused by the engine, or (in some versions) gives null.
  if (!clearSchema.safeParse(await stack.outputsInClear()).success) {
    throw new ClusterwrightError('secrets-key-mismatch', 'The canary in the backend cannot be read with the passphrase or key that the service has.', { resource: options.backendUrl });
  }
  return { ...plain.data, encryption: state.encryption };
}

/** Makes the installation in a backend that has none. Several processes may start at once: one makes it, the others find it. */
async function make(options: InstallationOptions, workDir: string, known: Installation | undefined): Promise<InstallationSecrets> {
  if (known) throw mismatch(`Redis belongs to the installation ${known.id}, and the backend has none.`);
  const stack = openStack(options, workDir);
  await stack.create();
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      await stack.up(await installationProgram(options.mode), { sink: { event: () => undefined, progress: () => undefined }, signal: new AbortController().signal });
    } catch (error) {
      // Another process is at it.
      if (!isClusterwrightError(error) || error.code !== 'stack-locked' || Date.now() > deadline) throw error;
      await wait(500);
    }
    const found = await installationOfBackend(options, workDir);
    if (found) return found;
  }
}

/** The program keeps what an earlier run of it has written: its outputs come from a resource that never changes. */
async function installationProgram(mode: Installation['mode']) {
  const [pulumi, { Stash }] = await Promise.all([import('@pulumi/pulumi'), import('@pulumi/pulumi/stash.js')]);
  return async () => {
    // The built-in provider keeps the first value as output forever, so of two processes that start at once the second changes nothing.
    const id = new Stash('id', { input: randomUUID() }).output;
    return { id, mode, canary: pulumi.secret(canary) };
  };
}

function openStack({ engine, environment, secretsProvider }: BackendOptions, workDir: string): EngineStack {
  return new EngineStack(stackName, new EngineCommand(engine, environment), {
    workDir, project, encryption: { secretsProvider, salt: null, encryptedKey: null },
  });
}

/** Whether nothing has ever been in a `file://` backend; what cannot be seen without the engine counts as used. */
export async function isUntouched(backendUrl: string): Promise<boolean> {
  if (!backendUrl.startsWith('file://')) return false;
  return access(path.join(fileURLToPath(backendUrl), '.pulumi')).then(() => false, () => true);
}

/** Whether the folder of a `file://` backend is gone: a share that is not mounted, for one. That may pass. */
async function isAway(backendUrl: string): Promise<boolean> {
  if (!backendUrl.startsWith('file://')) return false;
  return access(fileURLToPath(backendUrl)).then(() => false, () => true);
}

/** Makes the folder of a `file://` backend that is there for the first time; other backends are made by their operators. */
export async function prepareBackend(backendUrl: string): Promise<void> {
  if (backendUrl.startsWith('file://')) await mkdir(fileURLToPath(backendUrl), { recursive: true });
}

function mismatch(detail: string): ClusterwrightError {
  return new ClusterwrightError('installation-mismatch', detail);
}

/** How long a verified installation counts, in milliseconds. */
const freshFor = 60_000;

/** The installation for one operation after the other, verified again when the last time is a minute ago or the backend's folder is gone. */
export class InstallationCheck {
  #verified: { at: number; found: Promise<InstallationSecrets> };

  constructor(private readonly options: InstallationOptions, first: InstallationSecrets) {
    this.#verified = { at: Date.now(), found: Promise.resolve(first) };
  }

  /** Throws what `verifyInstallation` throws. */
  async current(): Promise<InstallationSecrets> {
    if (Date.now() - this.#verified.at > freshFor || (await isAway(this.options.backendUrl))) {
      this.#verified = { at: Date.now(), found: verifyInstallation(this.options) };
      // A failure is not kept: the next operation asks again.
      this.#verified.found.catch(() => (this.#verified.at = 0));
    }
    return this.#verified.found;
  }

  /** Whether the backend answers: the last verification's result, or of a new one where that is a minute ago. */
  async backendState(): Promise<'ok' | 'failed'> {
    return this.current().then(() => 'ok', () => 'failed');
  }
}
