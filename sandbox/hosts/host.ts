import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, mkdir, readdir, rm, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { command } from './commands.js';

/** What a host is made of. */
export interface HostDescription {
  /** Names its processes' control groups and its instance for cloud-init. */
  readonly id: string;
  readonly name: string;
  /** The network namespace that it lives in. */
  readonly space: string;
  /** Read-only root file systems, the uppermost first. */
  readonly layers: readonly string[];
  /** A folder with containerd's images, which the host gets at its first boot. */
  readonly store: string | undefined;
  /** Exactly what the cloud was given for it. */
  readonly userData: Buffer;
  /** Addresses of name servers. */
  readonly nameServers: readonly string[];
  /** Attached disks: path of the block file by the device's name in the host, `sdf`. */
  readonly disks: Readonly<Record<string, string>>;
  /** Further files of its root at the first boot, by path. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * One machine: a systemd with namespaces, control groups and a disk of its own that runs the user data it was given. What it has written stays in its folder, over
 * boots and over the sandbox's own life; its processes end with the sandbox.
 */
export class Host {
  #process: ChildProcess | undefined;

  constructor(private readonly folder: string, private readonly scripts: string, readonly description: HostDescription) {}

  get isRunning(): boolean {
    return this.#process !== undefined;
  }

  /** Puts the disk together, once, and switches the machine on. */
  async boot(): Promise<void> {
    if (this.#process !== undefined) return;
    await this.#prepare();
    const disks = await this.#attachDisks();
    const { id, name, space, layers } = this.description;
    const settings = { host_id: id, host_name: name, host_space: space, host_layers: layers.join(':'), host_disks: disks };
    await writeFile(path.join(this.folder, 'host.env'), Object.entries(settings).map(([key, value]) => `${key}=${quoted(value)}\n`).join(''));
    const console = await open(path.join(this.folder, 'console.log'), 'a');
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', path.join(this.scripts, 'boot.sh'), this.folder], { stdio: ['ignore', console.fd, console.fd], detached: true });
    const spawned = once(child, 'spawn');
    this.#process = child;
    child.once('exit', () => {
      if (this.#process === child) this.#process = undefined;
    });
    await spawned;
    await console.close();
  }

  /** A power cut: everything that ran is gone, what was written is kept. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    this.#process = undefined;
  }

  /** Switches the machine off and takes everything of it away. */
  async remove(): Promise<void> {
    await this.kill();
    await removeGroups(this.description.id);
    await this.#detachDisks();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #prepare(): Promise<void> {
    const upper = path.join(this.folder, 'upper');
    const prepared = path.join(this.folder, 'prepared');
    if (await readdir(this.folder).then((names) => names.includes('prepared'), () => false)) return;
    await rm(this.folder, { recursive: true, force: true });
    const { id, name, userData, nameServers, store, files } = this.description;
    const seed = 'var/lib/cloud/seed/nocloud';
    const resolver = nameServers.map((server) => `nameserver ${server}\n`).join('');
    const contents: Record<string, string | Buffer> = {
      [`${seed}/user-data`]: userData,
      [`${seed}/meta-data`]: `instance-id: ${id}\nlocal-hostname: ${name}\n`,
      'etc/resolv.conf': resolver,
      'etc/hosts': `127.0.0.1 localhost\n`,
      ...files,
    };
    for (const [file, content] of Object.entries(contents)) {
      await mkdir(path.dirname(path.join(upper, file)), { recursive: true });
      await writeFile(path.join(upper, file), content);
    }
    if (store !== undefined) await command(path.join(this.scripts, 'clone-store.sh'), [store, path.join(this.folder, 'data', 'var/lib/containerd')]);
    await writeFile(prepared, '');
  }

  /** Lines for boot.sh; each block file behind a loop device. */
  async #attachDisks(): Promise<string> {
    const lines: string[] = [];
    for (const [name, file] of Object.entries(this.description.disks)) {
      const attached = (await command('losetup', ['--noheadings', '--output', 'NAME', '--associated', file])).trim();
      lines.push(`${name} ${attached || (await command('losetup', ['--find', '--show', file])).trim()}`);
    }
    return lines.join('\n');
  }

  async #detachDisks(): Promise<void> {
    for (const file of Object.values(this.description.disks)) {
      const attached = (await command('losetup', ['--noheadings', '--output', 'NAME', '--associated', file])).trim();
      if (attached !== '') await command('losetup', ['--detach', attached]);
    }
  }
}

function quoted(value: string): string {
  return `'${value.replaceAll('\'', '\'\\\'\'')}'`;
}

/** A moment passes between the end of the last process and that of its group. */
const groupPatienceMs = 5_000;

async function removeGroups(id: string): Promise<void> {
  const hierarchies = (await command('findmnt', ['--noheadings', '--types', 'cgroup,cgroup2', '--output', 'TARGET'])).split('\n').map((line) => line.replace(/^[^/]*/, '').trim()).filter((line) => line !== '');
  const until = Date.now() + groupPatienceMs;
  for (const group of hierarchies.map((place) => path.join(place, 'clusterwright', id))) {
    for (;;) {
      try {
        await removeGroup(group);
        break;
      } catch (error) {
        if (Date.now() > until) throw error;
        await wait(50);
      }
    }
  }
}

/** Groups go from the innermost outwards. */
async function removeGroup(group: string): Promise<void> {
  const inner = await readdir(group, { withFileTypes: true }).catch(() => []);
  for (const entry of inner) if (entry.isDirectory()) await removeGroup(path.join(group, entry.name));
  await rmdir(group).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}
