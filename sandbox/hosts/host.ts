import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, mkdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { command } from './commands.js';
import { removeGroups } from './control-groups.js';

/** SIGRTMIN+4: the first process of a host is told to power off (systemd(1)). Node has no names for such signals. */
const poweroffSignal = 38;
/** How long a host may take to shut down, in milliseconds. */
const shutDownMs = 60_000;

/** What a host is made of. */
export interface HostDescription {
  /** Its instance, for cloud-init. */
  readonly id: string;
  readonly name: string;
  /** The network namespace that it lives in; its control groups have the same name. */
  readonly space: string;
  /** Read-only root file systems, the uppermost first. */
  readonly layers: readonly string[];
  /** A folder with containerd's images, which the host gets at its first boot. */
  readonly store: string | undefined;
  /** Exactly what the cloud was given for it. */
  readonly userData: Buffer;
  /** Addresses of name servers. */
  readonly nameServers: readonly string[];
  /** Further files of its root at the first boot, by path. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * One machine: a systemd with namespaces, control groups and a disk of its own that runs the user data it was given. What it has written stays in its folder, over
 * boots and over the sandbox's own life; its processes end with the sandbox.
 */
export class Host {
  #process: ChildProcess | undefined;
  readonly #disks = new Map<string, string>();

  /** @param report told of an end that was neither asked for nor the host's own wish */
  constructor(private readonly folder: string, private readonly scripts: string, readonly description: HostDescription, private readonly report: (error: unknown) => void) {}

  get isRunning(): boolean {
    return this.#process !== undefined;
  }

  /** Where everything that it says at its console is written. */
  get console(): string {
    return path.join(this.folder, 'console.log');
  }

  /** Where a file lies that the host has written to its own disk. */
  file(name: string): string {
    return path.join(this.folder, 'upper', name);
  }

  /** Its systemd, as this machine numbers it; undefined where none runs, or not yet. */
  async pid(): Promise<number | undefined> {
    const outer = this.#process?.pid;
    if (outer === undefined) return undefined;
    const children = await readFile(`/proc/${outer}/task/${outer}/children`, 'utf8').catch(() => '');
    const [child = ''] = children.trim().split(' ');
    // What prepares the boot is a child too, but no host yet: it lives among this machine's files and devices.
    const program = await readlink(`/proc/${child}/exe`).catch(() => '');
    return program.endsWith('/systemd') ? Number(child) : undefined;
  }

  /** Attaches a disk, to a host that runs as well. @param name of the device in the host, such as `sdf` @param device of this machine */
  async plug(name: string, device: string): Promise<void> {
    if (this.#disks.get(name) === device) return;
    this.#disks.set(name, device);
    const pid = await this.#booted();
    if (pid === undefined) return;
    // It has made the device itself if it was told early enough in its boot.
    const { rdev } = await stat(device);
    await this.#inside(pid, 'sh', '-c', 'mkdir -p "${1%/*}" && { [ -b "$1" ] || mknod "$@"; }', 'plug', path.posix.join('/dev', name), 'b', String(rdev >> 8), String(rdev & 0xff));
  }

  /** Takes a disk away that is attached under this name, if there is one. */
  async unplug(name: string): Promise<void> {
    if (!this.#disks.delete(name)) return;
    const pid = await this.#booted();
    if (pid !== undefined) await this.#inside(pid, 'rm', '--force', path.posix.join('/dev', name));
  }

  /** Names of the devices that are attached. */
  get disks(): readonly string[] {
    return [...this.#disks.keys()];
  }

  /** Puts the disk together, once, and switches the machine on. */
  async boot(): Promise<void> {
    if (this.#process !== undefined) return;
    await this.#prepare();
    const { name, space, layers } = this.description;
    const settings = { host_name: name, host_space: space, host_layers: layers.join(':') };
    await writeFile(path.join(this.folder, 'host.env'), Object.entries(settings).map(([key, value]) => `${key}=${quoted(value)}\n`).join(''));
    await this.#switchOn();
  }

  /** A power cut: everything that ran is gone, what was written is kept. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    const ended = once(child, 'exit');
    this.#process = undefined;
    child.kill('SIGKILL');
    await ended;
    await removeGroups(this.description.space);
  }

  /** Has its systemd end everything; what takes too long ends as by a power cut. */
  async shutDown(): Promise<void> {
    const [child, pid] = [this.#process, await this.pid()];
    if (child === undefined) return;
    if (pid !== undefined) {
      const ended = once(child, 'exit');
      process.kill(pid, poweroffSignal);
      await Promise.race([ended, wait(shutDownMs, undefined, { ref: false })]);
    }
    if (this.isRunning) await this.kill();
    else await removeGroups(this.description.space);
  }

  /** Switches the machine off and takes everything of it away. */
  async remove(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Runs a command of this machine on the host's file system. */
  async #inside(pid: number, program: string, ...args: readonly string[]): Promise<void> {
    await command('nsenter', ['--target', String(pid), '--mount', '--root', program, ...args]);
  }

  /** Its systemd, once that runs; undefined where the host is switched off, or goes off before. */
  async #booted(): Promise<number | undefined> {
    if (this.#process !== undefined) await this.#writeDisks();
    for (const booting = this.#process; booting !== undefined && this.#process === booting; await wait(50)) {
      const pid = await this.pid();
      if (pid !== undefined) return pid;
    }
    return undefined;
  }

  /** Which devices a boot makes. */
  async #writeDisks(): Promise<void> {
    await writeFile(path.join(this.folder, 'disks'), [...this.#disks].map(([name, device]) => `${name} ${device}\n`).join(''));
  }

  async #switchOn(): Promise<void> {
    await this.#writeDisks();
    const log = await open(this.console, 'a');
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', path.join(this.scripts, 'boot.sh'), this.folder], { stdio: ['ignore', log.fd, log.fd], detached: true });
    const spawned = once(child, 'spawn');
    this.#process = child;
    child.once('exit', (code, signal) => {
      if (this.#process !== child) return;
      this.#process = undefined;
      // How the kernel tells that the first process of a namespace wants to begin anew, or to be switched off (reboot(2)).
      if (signal === 'SIGHUP') this.#switchOn().catch(this.report);
      else if (signal !== 'SIGINT') this.report(new Error(`the host ${this.description.name} ended by itself (${String(signal ?? code)}); ${this.console} may tell why`));
    });
    await spawned;
    await log.close();
  }

  async #prepare(): Promise<void> {
    const prepared = path.join(this.folder, 'prepared');
    if (await stat(prepared).then(() => true, () => false)) return;
    await rm(this.folder, { recursive: true, force: true });
    const upper = path.join(this.folder, 'upper');
    const { id, name, userData, nameServers, store, files } = this.description;
    const seed = 'var/lib/cloud/seed/nocloud';
    const contents: Record<string, string | Buffer> = {
      [`${seed}/user-data`]: userData,
      [`${seed}/meta-data`]: `instance-id: ${JSON.stringify(id)}\nlocal-hostname: ${name}\n`,
      'etc/resolv.conf': nameServers.map((server) => `nameserver ${server}\n`).join(''),
      'etc/hosts': '127.0.0.1 localhost\n',
      ...files,
    };
    for (const [file, content] of Object.entries(contents)) {
      await mkdir(path.dirname(path.join(upper, file)), { recursive: true });
      await writeFile(path.join(upper, file), content);
    }
    if (store !== undefined) await command(path.join(this.scripts, 'clone-store.sh'), [store, path.join(this.folder, 'data', 'var/lib/containerd')]);
    await writeFile(prepared, '');
  }
}

function quoted(value: string): string {
  return `'${value.replaceAll('\'', '\'\\\'\'')}'`;
}
