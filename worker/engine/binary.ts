import { execFile } from 'node:child_process';
import { access, constants, readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { ClusterwrightError } from '../../model/errors.js';
import { packageRoot } from '../package-root.js';

/** The Pulumi engine that all operations run on. */
export interface Engine {
  /** Absolute path of the `pulumi` program. */
  readonly command: string;
  /** Its version without a leading "v", for instance "3.230.0". */
  readonly version: string;
}

const manifestSchema = z.object({ clusterwright: z.object({ engine: z.string() }) });
const run = promisify(execFile);

/**
 * Finds the engine in the pinned version: `pulumi` on PATH, else the one that set-up put into the cache. Throws `prerequisite-missing`
 * when there is none: another version could write state that this one cannot read.
 */
export async function findEngine(environment: NodeJS.ProcessEnv = process.env): Promise<Engine> {
  const manifest = manifestSchema.parse(JSON.parse(await readFile(path.join(packageRoot(), 'package.json'), 'utf8')));
  const version = manifest.clusterwright.engine;
  const cache = path.resolve(environment['CLUSTERWRIGHT_CACHE'] || path.join(os.homedir(), '.cache', 'clusterwright'));
  const onPath = (environment['PATH'] ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder)).map((folder) => path.join(folder, 'pulumi'));
  const candidates = [await firstExecutable(onPath), path.join(cache, 'pulumi', `v${version}`, 'bin', 'pulumi')];
  for (const command of candidates) {
    if (command !== undefined && (await versionOf(command, environment)) === version) return { command, version };
  }
  throw new ClusterwrightError('prerequisite-missing', `There is no Pulumi engine of version ${version}, neither on PATH nor in ${cache}.`);
}

async function firstExecutable(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) {
    const usable = await access(file, constants.X_OK).then(() => true, () => false);
    if (usable) return file;
  }
  return undefined;
}

/** What the program says its version is; undefined where it cannot be run. */
async function versionOf(command: string, environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    const { stdout } = await run(command, ['version'], { env: { ...environment, PULUMI_SKIP_UPDATE_CHECK: 'true' }, timeout: 20_000 });
    return /^v(\d+\.\d+\.\d+\S*)$/m.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}
