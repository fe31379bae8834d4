import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** How many processes of one user may watch files; systemd and kubelets take some twenty for a host. The only setting of the machine that hosts change. */
const setting = '/proc/sys/fs/inotify/max_user_instances';
const enough = 8192;

/**
 * Raises the limit where it is lower, and remembers in the folder what it was, over crashes too.
 * @returns what was done, in words; undefined where nothing was
 */
export async function raiseWatches(folder: string): Promise<string | undefined> {
  const before = (await readFile(setting, 'utf8')).trim();
  if (Number(before) >= enough) return undefined;
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'watches-before'), before, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await writeFile(setting, String(enough));
  return `fs.inotify.max_user_instances is ${enough} while hosts run; it was ${before}`;
}

/** Puts back what `raiseWatches` has found. */
export async function restoreWatches(folder: string): Promise<void> {
  const file = path.join(folder, 'watches-before');
  const before = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (before === undefined) return;
  await writeFile(setting, before);
  await rm(file);
}
