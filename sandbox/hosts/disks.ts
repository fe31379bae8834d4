import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { command } from './commands.js';
import { shortName } from './short-name.js';

const GiB = 2 ** 30;

/** Volumes as files without content but for what was written, and the block devices by which hosts see them. */
export class Disks {
  constructor(private readonly folder: string) {}

  /** The block device of a volume, which is made at its first attachment. @param volume its id in the cloud */
  async attach(volume: string, sizeGiB: number): Promise<string> {
    const file = this.#file(volume);
    await mkdir(this.folder, { recursive: true });
    if (!(await stat(file).then(() => true, () => false))) {
      const made = await open(file, 'wx');
      await made.truncate(sizeGiB * GiB);
      await made.close();
    }
    const [attached] = (await this.#devices()).filter((device) => device.file === file);
    return attached?.name ?? (await command('losetup', ['--find', '--show', file])).trim();
  }

  /** Takes away what no volume has any more: devices and files. @param volumes ids of those that there are */
  async keepOnly(volumes: readonly string[]): Promise<void> {
    const wanted = new Set(volumes.map((volume) => this.#file(volume)));
    for (const { name, file } of await this.#devices()) if (!wanted.has(file)) await command('losetup', ['--detach', name]);
    for (const name of await readdir(this.folder).catch(() => [])) {
      const file = path.join(this.folder, name);
      if (!wanted.has(file)) await rm(file, { force: true });
    }
  }

  /** Takes a volume away. */
  async remove(volume: string): Promise<void> {
    const gone = this.#file(volume);
    for (const { name, file } of await this.#devices()) if (file === gone) await command('losetup', ['--detach', name]);
    await rm(gone, { force: true });
  }

  /** Lets go of all devices; the files stay. */
  async detachAll(): Promise<void> {
    for (const { name } of await this.#devices()) await command('losetup', ['--detach', name]);
  }

  #file(volume: string): string {
    return path.join(this.folder, shortName(volume));
  }

  /** Devices of this sandbox's files, of those that are gone too. */
  async #devices(): Promise<{ name: string; file: string }[]> {
    const lines = (await command('losetup', ['--noheadings', '--raw', '--output', 'NAME,BACK-FILE'])).split('\n');
    return lines.flatMap((line) => {
      const [name = '', file = ''] = line.split(' ');
      return file.startsWith(`${this.folder}${path.sep}`) ? [{ name, file: file.replace(/\\x20\(deleted\)$/, '') }] : [];
    });
  }
}
