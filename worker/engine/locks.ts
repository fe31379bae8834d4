import { readdir, readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { projectName } from '../../model/names.js';

const lockSchema = z.object({ pid: z.int(), hostname: z.string() });

/** Who holds a stack's lock, as the engine writes it. */
export type StackLock = z.infer<typeof lockSchema>;

/** The locks of a stack on a `file://` backend; none are seen on others. */
export async function locksOf(backendUrl: string, stack: string): Promise<StackLock[]> {
  if (!backendUrl.startsWith('file://')) return [];
  const folder = path.join(fileURLToPath(backendUrl), '.pulumi', 'locks', 'organization', projectName, stack);
  const files = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith('.json'));
  const locks = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8').then((text) => lockSchema.parse(JSON.parse(text)), () => undefined)));
  return locks.filter((lock) => lock !== undefined);
}

/** Whether the holder of a lock is known to be dead: a process of this host that is no more. Of other hosts nothing is known. */
export function isGone({ pid, hostname }: StackLock): boolean {
  if (hostname !== os.hostname()) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
