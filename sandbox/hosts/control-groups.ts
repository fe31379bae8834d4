import { readdir, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { command } from './commands.js';
import { failedWith } from './system-error.js';

/** In each hierarchy of control groups hosts have theirs below this one. */
const parent = 'clusterwright';

/** A moment passes between the end of the last process and that of its group. */
const patienceMs = 5_000;

/** Removes the control groups of a host whose processes have ended, in all hierarchies; also the one above, after the last host. */
export async function removeGroups(host: string): Promise<void> {
  const until = Date.now() + patienceMs;
  for (const place of await hierarchies()) {
    for (;;) {
      try {
        await removeGroup(path.join(place, parent, host));
        break;
      } catch (error) {
        if (Date.now() > until) throw error;
        await wait(50);
      }
    }
    await rmdir(path.join(place, parent)).catch((error: unknown) => {
      if (!failedWith(error, 'ENOENT', 'EBUSY', 'ENOTEMPTY')) throw error;
    });
  }
}

/** Hosts that have control groups, by name. */
export async function hostsWithGroups(): Promise<string[]> {
  const found = await Promise.all((await hierarchies()).map((place) => namesIn(path.join(place, parent))));
  return [...new Set(found.flat())];
}

async function hierarchies(): Promise<string[]> {
  const mounts = await command('findmnt', ['--noheadings', '--raw', '--types', 'cgroup,cgroup2', '--output', 'TARGET']);
  return mounts.split('\n').filter((line) => line !== '');
}

/** Groups go from the innermost outwards. */
async function removeGroup(group: string): Promise<void> {
  for (const name of await namesIn(group)) await removeGroup(path.join(group, name));
  await rmdir(group).catch((error: unknown) => {
    if (!failedWith(error, 'ENOENT')) throw error;
  });
}

async function namesIn(group: string): Promise<string[]> {
  const entries = await readdir(group, { withFileTypes: true }).catch((error: unknown) => {
    if (failedWith(error, 'ENOENT')) return [];
    throw error;
  });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
