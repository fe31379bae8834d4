import { readdir, readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { projectName } from '../../model/names.js';
import { isRunning, startOf } from '../processes.js';
import { backendFolder } from './backend-files.js';

const lockSchema = z.object({ pid: z.int(), hostname: z.string(), timestamp: z.string().optional() });

/** Who holds a stack's lock, as the engine writes it. */
export type StackLock = z.infer<typeof lockSchema>;

/** What is known of a lock's holder: it runs on this host, it ended, or it is on another host, of which nothing is known. */
export type Holder = 'alive' | 'gone' | 'elsewhere';

/** How much later than its lock a process may seem to have started, in milliseconds: the two clocks are rounded. */
const tolerance = 5_000;

/** The locks of a stack on a `file://` backend; none are seen on others. */
export async function locksOf(backendUrl: string, stack: string): Promise<StackLock[]> {
  if (!backendUrl.startsWith('file://')) return [];
  const folder = backendFolder(backendUrl, 'locks', 'organization', projectName, stack);
  const files = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith('.json'));
  const locks = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8').then((text) => lockSchema.parse(JSON.parse(text)), () => undefined)));
  return locks.filter((lock) => lock !== undefined);
}

/** What became of the holder of a lock. A process that started after the lock was taken has only come by its pid. */
export function holderOf({ pid, hostname, timestamp }: StackLock): Holder {
  if (hostname !== os.hostname()) return 'elsewhere';
  if (!isRunning(pid)) return 'gone';
  const started = startOf(pid);
  const taken = Date.parse(timestamp ?? '');
  return started !== undefined && started - tolerance > taken ? 'gone' : 'alive';
}
