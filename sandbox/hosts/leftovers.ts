import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { command } from './commands.js';
import { hostsWithGroups, removeGroups } from './control-groups.js';
import { shortName } from './short-name.js';
import { failedWith } from './system-error.js';

/**
 * Takes away what a sandbox that was killed has left on this machine: namespaces with their links and filters, control groups, and the disks of machines that are no
 * more. Its processes and mounts have ended with it.
 * @param prefix begins the names of all that belongs to this sandbox
 * @param folder where the disks of machines lie
 * @param machines ids of those that there are
 */
export async function removeLeftovers(prefix: string, folder: string, machines: readonly string[]): Promise<void> {
  const isOurs = (name: string): boolean => name.startsWith(`${prefix}-`);
  const spaces = (await command('ip', ['netns', 'list'])).split('\n').map((line) => line.split(' ')[0] ?? '');
  for (const space of spaces.filter(isOurs)) await command('ip', ['netns', 'delete', space]);
  for (const host of (await hostsWithGroups()).filter(isOurs)) await removeGroups(host);
  const known = new Set(machines.map(shortName));
  const folders = await readdir(folder).catch((error: unknown) => {
    if (failedWith(error, 'ENOENT')) return [];
    throw error;
  });
  for (const name of folders) if (!known.has(name)) await rm(path.join(folder, name), { recursive: true, force: true });
}
