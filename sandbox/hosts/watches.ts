import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { hostsWithGroups } from './control-groups.js';
import { failedWith } from './system-error.js';

/** How many processes of one user may watch files; systemd and kubelets take some twenty for a host. The only setting of the machine that hosts change. */
const setting = '/proc/sys/fs/inotify/max_user_instances';
const enough = 8192;
/** What it was, for all sandboxes of this machine; it goes with the setting when the machine starts anew. */
const memory = '/run/clusterwright/watches-before';

/**
 * Raises the limit where it is lower, and remembers what it was, over crashes too.
 * @returns what was done, in words; undefined where nothing was
 */
export async function raiseWatches(): Promise<string | undefined> {
  const before = (await readFile(setting, 'utf8')).trim();
  if (Number(before) >= enough) return undefined;
  await mkdir(path.dirname(memory), { recursive: true });
  await writeFile(memory, before, { flag: 'wx' }).catch((error: unknown) => {
    if (!failedWith(error, 'EEXIST')) throw error;
  });
  await writeFile(setting, String(enough));
  return `fs.inotify.max_user_instances is ${enough} while hosts run; it was ${before}`;
}

/** Puts back what `raiseWatches` has found, once no sandbox has hosts any more. */
export async function restoreWatches(): Promise<void> {
  if ((await hostsWithGroups()).length > 0) return;
  const before = await readFile(memory, 'utf8').catch((error: unknown) => {
    if (failedWith(error, 'ENOENT')) return undefined;
    throw error;
  });
  if (before === undefined) return;
  await writeFile(setting, before);
  await rm(memory);
}
