import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { ClusterwrightError } from '../model/errors.js';
import { identify, isAlive } from './process-identity.js';

const ownerSchema = z.strictObject({ pid: z.int(), startTicks: z.number().nullable(), since: z.string() });

/** A home that this process holds. */
export interface Home {
  readonly directory: string;
  /** Gives the home back. */
  release(): Promise<void>;
}

/**
 * Takes the home for this process. One service at a time: throws `home-in-use` with the owner's pid where another one holds it. What a killed
 * owner left behind is taken over.
 */
export async function takeHome(directory: string): Promise<Home> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const lock = path.join(directory, 'owner.json');
  const self = identify(process.pid) ?? { pid: process.pid, startTicks: null };
  const mine = `${lock}.${process.pid}`;
  await writeFile(mine, JSON.stringify({ ...self, since: new Date().toISOString() }), { mode: 0o600 });
  try {
    for (;;) {
      // A hard link is made by one process only, and never over an existing file.
      if (await linked(mine, lock)) break;
      const owner = await readOwner(lock);
      if (owner && isAlive(owner)) {
        throw new ClusterwrightError('home-in-use', `${directory} is in use by the process ${owner.pid} since ${owner.since}.`, { resource: directory });
      }
      await setAside(lock, owner?.pid);
    }
  } finally {
    await rm(mine, { force: true });
  }
  return {
    directory,
    release: async () => {
      const owner = await readOwner(lock);
      if (owner?.pid === process.pid) await rm(lock, { force: true });
    },
  };
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function readOwner(lock: string): Promise<z.infer<typeof ownerSchema> | undefined> {
  const text = await readFile(lock, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : ownerSchema.parse(JSON.parse(text));
}

/** Moves a dead owner's lock away. Where another process was quicker and the lock is a new one already, that one is put back. */
async function setAside(lock: string, deadPid: number | undefined): Promise<void> {
  if (deadPid === undefined) return;
  const aside = `${lock}.${process.pid}.stale`;
  await rename(lock, aside).catch(() => undefined);
  const moved = await readOwner(aside);
  if (moved && moved.pid !== deadPid) await linked(aside, lock);
  await rm(aside, { force: true });
}

/** Makes sure that a secret of the home is there (the passphrase, the one that signs webhooks): generated once, readable by the owner only. */
export async function ensureSecret(file: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  try {
    await writeFile(file, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}
