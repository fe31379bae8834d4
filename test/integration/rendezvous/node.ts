import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { NodeFacts } from '../../../model/rendezvous.js';
import { nodeTemplates } from '../../../programs/nodes/templates.js';
import { userDataFiles } from '../../../programs/nodes/user-data.js';

const standIns = fileURLToPath(new URL('stand-ins/', import.meta.url));
/** Scripts that set up the machine itself; here they only say that they ran. */
const hostScripts = ['host', 'etcd-disk', 'container-runtime', 'kubernetes-packages', 'endpoint-hosts', 'file-modes'];
/** The unit's: a script that ends with anything but 0 is started again after a while. */
const restartMs = 300;

interface Making {
  readonly folder: string;
  readonly facts: NodeFacts;
  readonly metadata: Server;
  /** Where the cloud's services answer, by their names in image.d/endpoints. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** The folder of the stand-ins' clusters. */
  readonly world: string;
}

/** A machine as a folder: the very scripts that nodes run, under a root of their own, against the sandbox's data planes. */
export class TestNode {
  /** The power that it was switched on with: a loop of starts goes on as long as its own. */
  #power: symbol | undefined;
  #output = '';

  private constructor(private readonly making: Making) {}

  static async make(making: Making): Promise<TestNode> {
    const node = new TestNode(making);
    making.metadata.listen(0, '127.0.0.1');
    await once(making.metadata, 'listening');
    await node.#install();
    return node;
  }

  get facts(): NodeFacts {
    return this.making.facts;
  }

  get root(): string {
    return this.making.folder;
  }

  /** All that its bootstrap has written to the journal. */
  get output(): string {
    return this.#output;
  }

  /** Boots, with what else is in the environment of its scripts; as systemd does, a bootstrap that fails is started again. */
  boot(environment: Readonly<Record<string, string>> = {}): void {
    const power = Symbol('power');
    this.#power = power;
    void (async () => {
      while (this.#power === power) {
        if ((await this.run('bootstrap.sh', [], environment)).code === 0) return;
        await delay(restartMs);
      }
    })();
  }

  /** Runs one of its scripts to the end. */
  async run(script: string, args: readonly string[] = [], environment: Readonly<Record<string, string>> = {}): Promise<{ code: number | null; stdout: string; stderr: string }> {
    return this.#spawn('bash', [path.join(this.root, 'opt/clusterwright', script), ...args], environment);
  }

  /** Runs a line of bash with the library of the rendezvous. */
  async library(line: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
    return this.#spawn('bash', ['-c', `. "${this.root}/opt/clusterwright/lib/rendezvous.sh"; node=$(node_name); ${line}`], {});
  }

  /** A power cut: every process of the machine is gone at once. Its disk stays. */
  async powerOff(): Promise<void> {
    this.#power = undefined;
    for (let found = await this.#processes(); found.length > 0; found = await this.#processes()) {
      for (const pid of found) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It has ended by itself.
        }
      }
      await delay(20);
    }
    await rm(path.join(this.root, 'run'), { recursive: true, force: true, maxRetries: 3 });
  }

  /** Another machine takes the place of this one, name included: an empty disk. */
  async replace(): Promise<void> {
    await this.powerOff();
    await rm(this.root, { recursive: true, force: true });
    await this.#install();
  }

  async has(file: string): Promise<boolean> {
    return (await this.read(file)) !== undefined;
  }

  async read(file: string): Promise<string | undefined> {
    return readFile(path.join(this.root, file), 'utf8').catch(() => undefined);
  }

  /** Puts a file below its root; as scripts are files too, it may be run. */
  async write(file: string, content: string): Promise<void> {
    const target = path.join(this.root, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, content);
    await chmod(target, 0o755);
  }

  async #install(): Promise<void> {
    const { facts, metadata, endpoints } = this.making;
    for (const { path: file, content } of userDataFiles(nodeTemplates(), facts)) await this.write(file, content);
    for (const name of hostScripts) await this.write(`/opt/clusterwright/${name}.sh`, `#!/bin/bash\necho "${name} $*" >> "$CLUSTERWRIGHT_ROOT/host.calls"\n`);
    const all = { imds: `http://127.0.0.1:${(metadata.address() as AddressInfo).port}`, ...endpoints };
    await this.write('/etc/clusterwright/image.d/endpoints', Object.entries(all).map(([name, url]) => `${name}=${url}\n`).join(''));
  }

  async #spawn(command: string, args: readonly string[], environment: Readonly<Record<string, string>>): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const child = spawn(command, args, {
      env: { PATH: `${standIns}:${process.env['PATH'] ?? ''}`, CLUSTERWRIGHT_ROOT: this.root, CLUSTERWRIGHT_BEAT_SECONDS: '1', CLUSTERWRIGHT_STALE_SECONDS: '12', WORLD: this.making.world, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => { stdout += chunk.toString(); });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
      this.#output += chunk.toString();
    });
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, stdout, stderr };
  }

  /** All processes that have this machine's root in their environment. */
  async #processes(): Promise<number[]> {
    const found: number[] = [];
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      const [environment, state] = await Promise.all([readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''), readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')]);
      if (environment.split('\0').includes(`CLUSTERWRIGHT_ROOT=${this.root}`) && !state.includes(') Z ')) found.push(Number(pid));
    }
    return found;
  }
}
