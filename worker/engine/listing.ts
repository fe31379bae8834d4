import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { projectName } from '../../model/names.js';
import { backendFolder, namesIn } from './backend-files.js';
import type { EngineCommand } from './command.js';
import { classify } from './errors.js';

const stacksSchema = z.array(z.object({ name: z.string() }));

/** A stack's file on a `file://` backend, as the engine names it: plain or compressed. */
const stackFile = /^(.+)\.json(\.gz|\.zst)?$/;

/**
 * Names of the project's stacks. On a `file://` backend the folder is read: the engine's own list has nothing at all where one stack cannot be read.
 * Throws `backend-unavailable` and `engine-failed`.
 */
export async function listStacks(command: EngineCommand, backendUrl: string, workDir: string): Promise<string[]> {
  const names = backendUrl.startsWith('file://') ? await listFolder(backendUrl) : await listWithEngine(command, workDir);
  return [...new Set(names)].sort();
}

async function listFolder(backendUrl: string): Promise<string[]> {
  const files = await namesIn(backendFolder(backendUrl, 'stacks', projectName));
  return files.flatMap((file) => stackFile.exec(file)?.[1] ?? []);
}

async function listWithEngine(command: EngineCommand, workDir: string): Promise<string[]> {
  const folder = path.join(workDir, 'listing');
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'Pulumi.yaml'), `name: ${projectName}\nruntime: nodejs\n`);
  try {
    const { stdout } = await command.call(['stack', 'ls', '--json', '--project', projectName], folder);
    // Outside the stack's own project names come with organization and project.
    return stacksSchema.parse(JSON.parse(stdout)).map(({ name }) => name.slice(name.lastIndexOf('/') + 1));
  } catch (error) {
    throw classify(error, projectName);
  }
}
