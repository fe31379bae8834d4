import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAlive, withLock } from '../../../tools/setup/lock.mjs';

const module = path.resolve(import.meta.dirname, '../../../tools/setup/lock.mjs');

describe('set-up lock', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'clusterwright-lock-'));
    file = path.join(folder, 'engine.lock');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('lets one process in at a time, also past a dead holder', async () => {
    await writeFile(file, JSON.stringify(await deadHolder()));
    const log = path.join(folder, 'log');
    const script = `
      import { appendFileSync } from 'node:fs';
      import { setTimeout as sleep } from 'node:timers/promises';
      import { withLock } from ${JSON.stringify(module)};
      await withLock(process.argv[1], async () => {
        appendFileSync(process.argv[2], 'in\\n');
        await sleep(20);
        appendFileSync(process.argv[2], 'out\\n');
      });`;
    const children = Array.from({ length: 6 }, () => spawn(process.execPath, ['--input-type=module', '-e', script, file, log]));
    const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0] as unknown));

    expect(codes).toEqual([0, 0, 0, 0, 0, 0]);
    expect(await readFile(log, 'utf8')).toBe('in\nout\n'.repeat(6));
  });

  it('takes over from a process id that was given to another process', async () => {
    await writeFile(file, JSON.stringify({ pid: process.pid, started: 'long ago' }));

    expect(await withLock(file, () => Promise.resolve('in'))).toBe('in');
  });

  it('is free again after a failure', async () => {
    await expect(withLock(file, () => Promise.reject(new Error('no')))).rejects.toThrow('no');

    expect(await withLock(file, () => Promise.resolve('in'))).toBe('in');
  });

  it('knows a dead process from a living one', async () => {
    expect(isAlive(await deadHolder())).toBe(false);
    expect(isAlive({ pid: process.pid, started: null })).toBe(true);
  });
});

async function deadHolder(): Promise<{ pid: number; started: null }> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return { pid: child.pid ?? 0, started: null };
}
