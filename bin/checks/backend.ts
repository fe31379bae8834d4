import { access, mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Settings } from '../../model/settings.js';
import type { Installation } from '../../store/index.js';
import { EngineCommand } from '../../worker/engine/command.js';
import { EngineStack } from '../../worker/engine/stack.js';
import type { Engine } from '../../worker/index.js';
import { installationOfBackend, isUntouched } from '../../worker/installation.js';
import { operationEnvironment } from '../../worker/operation/environment.js';
import { look, missing, ok, warn, type Finding } from './finding.js';

/** What the backend is held against. */
export interface BackendQuestion {
  readonly settings: Settings;
  readonly engine: Engine;
  /** Whose Redis it is; undefined where it is nobody's yet, or could not be asked. */
  readonly redis: Installation | undefined;
}

/**
 * Looks at the state backend with the engine, as the worker does at its start: that it answers, that its canary can be read with the key, and that it is the
 * installation of Redis and of this mode. Nothing of ours is written; into an empty bucket the engine puts the file that says which format it has.
 */
export async function backendFindings({ settings, engine, redis }: BackendQuestion): Promise<readonly Finding[]> {
  const { backendUrl, secretsProvider, cloud } = settings;
  const advice = cloud === 'live' ? liveAdvice(settings) : [];
  const workDir = await mkdtemp(path.join(os.tmpdir(), 'clusterwright-doctor-'));
  try {
    const findings = await look('backend', async () => {
      const environment = operationEnvironment(process.env, { engine, ...settings });
      const found = (await isUntouched(backendUrl)) ? undefined : await installationOfBackend({ engine, backendUrl, secretsProvider, mode: cloud, workRoot: workDir, environment }, workDir);
      if (found === undefined) {
        if (redis) return missing('backend', `Redis belongs to the installation ${redis.id}, and ${backendUrl} has none: name the backend that belongs to it.`);
        return [ok('backend', `${backendUrl} is new: the first start makes the installation in it.`), ...(await newKey(settings, engine, environment, workDir))];
      }
      if (redis && redis.id !== found.id) return missing('backend', `Redis belongs to the installation ${redis.id}, the backend to ${found.id}: name those that belong together.`);
      return [ok('backend', `${backendUrl} has the installation ${found.id} (${found.mode}).`), ok('secrets', `The canary can be read with the ${secretsProvider === 'passphrase' ? 'passphrase' : 'key'}.`)];
    });
    return [...findings, ...advice];
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

/** Has the engine encrypt with the key of an installation that is still to be made: in a backend of its own, which is gone afterwards. */
async function newKey({ secretsProvider, passphraseFile }: Settings, engine: Engine, environment: Record<string, string>, folder: string): Promise<readonly Finding[]> {
  if (secretsProvider === 'passphrase' && !(await access(passphraseFile).then(() => true, () => false))) {
    return [ok('secrets', `"npm start" makes a passphrase in ${passphraseFile}; separate workers need the same file.`)];
  }
  return look('secrets', async () => {
    const backend = path.join(folder, 'trial');
    await mkdir(backend);
    const stack = new EngineStack('trial', new EngineCommand(engine, environment), {
      workDir: folder, project: 'clusterwright-doctor', encryption: { secretsProvider, salt: null, encryptedKey: null }, environment: { PULUMI_BACKEND_URL: `file://${backend}` },
    });
    await stack.create().catch((error: unknown) => {
      throw new Error(`The engine cannot encrypt with ${secretsProvider}: let this identity use the key, for encryption and decryption. ${error instanceof Error ? error.message : ''}`.trim(), { cause: error });
    });
    return ok('secrets', `The engine can encrypt with ${secretsProvider === 'passphrase' ? `the passphrase in ${passphraseFile}` : secretsProvider}.`);
  });
}

function liveAdvice({ backendUrl, secretsProvider }: Settings): Finding[] {
  return [
    ...(backendUrl.startsWith('file://') ? [warn('backend', 'It is a folder: one lost disk loses the state of every cluster. Set PULUMI_BACKEND_URL to object storage with versions (docs/production.md).')] : []),
    ...(secretsProvider === 'passphrase' ? [warn('secrets', 'A passphrase has to be kept and copied by hand: set PULUMI_SECRETS_PROVIDER to a key of your cloud before the first start.')] : []),
  ];
}
