import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { runProgram } from './nodes.js';

/** An answer to a request from within. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** How a request is made: with the client certificate of a kubeconfig's user, or with a bearer token. */
export interface Credentials {
  readonly certificate?: { readonly cert: string; readonly key: string };
  readonly token?: string;
}

/** What the machine gives a node for its own, beside what the test lays there. */
const prepare = (address: string) => `
  set -euo pipefail
  etc=$(mktemp -d); mount -t tmpfs tmpfs "$etc"
  cp -a /etc/passwd /etc/group /etc/nsswitch.conf /etc/hosts "$etc"/; mkdir -p "$etc/ssl/certs"
  mount --bind "$etc" /etc
  mount -t tmpfs tmpfs /var/lib; mount -t tmpfs tmpfs /var/log
  ip link set lo up; ip address add ${address}/32 dev lo
  echo ready; exec sleep infinity`;

const request = `
  const [method, url, ca, cert, key, token, body] = process.argv.slice(1);
  const options = { method, ca: require('node:fs').readFileSync(ca), headers: {}, ...(cert ? { cert, key } : {}) };
  if (token) options.headers.authorization = 'Bearer ' + token;
  if (body) options.headers['content-type'] = 'application/json';
  require('node:https').request(url, options, (answer) => {
    let text = '';
    answer.on('data', (chunk) => (text += chunk)).on('end', () => console.log(JSON.stringify({ status: answer.statusCode, body: text })));
  }).on('error', (error) => { console.error(error.message); process.exit(1); }).end(body);`;

/**
 * A place in which programs run as on a node: an /etc, /var/lib and /var/log of its own, and a network of its own that has the node's address and no way out.
 * Needs root on Linux.
 */
export class NodeSpace {
  private readonly programs: ChildProcess[] = [];

  private constructor(private readonly holder: ChildProcess, private readonly pid: number) {}

  static async open(address: string): Promise<NodeSpace> {
    const holder = spawn('unshare', ['--mount', '--net', '--propagation', 'private', 'bash', '-c', prepare(address)], { stdio: ['ignore', 'pipe', 'pipe'] });
    if (holder.pid === undefined) throw new Error('there is no unshare on PATH');
    const said: string[] = [];
    createInterface({ input: holder.stderr }).on('line', (line) => said.push(line));
    const [line] = (await Promise.race([once(createInterface({ input: holder.stdout }), 'line'), once(holder, 'exit')])) as unknown[];
    if (line !== 'ready') throw new Error(`a node's own namespaces need root on Linux: ${said.join(' ')}`);
    return new NodeSpace(holder, holder.pid);
  }

  /** Runs a program to its end. */
  run(program: string, ...args: string[]): Promise<{ code: number; output: string }> {
    return runProgram('nsenter', [...this.enter(), program, ...args]);
  }

  /** Starts a program that runs until the space is closed; all it says goes to a file. */
  start(program: string, args: readonly string[], log: string): ChildProcess {
    const child = spawn('nsenter', [...this.enter(), program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => appendFileSync(log, chunk));
    this.programs.push(child);
    return child;
  }

  /** One HTTPS request from within; throws where nobody answers. */
  async request(method: string, url: string, ca: string, { certificate, token }: Credentials = {}, body?: unknown): Promise<Answer> {
    const { code, output } = await this.run(process.execPath, '-e', request, method, url, ca, certificate?.cert ?? '', certificate?.key ?? '', token ?? '', body === undefined ? '' : JSON.stringify(body));
    if (code !== 0) throw new Error(output);
    return JSON.parse(output) as Answer;
  }

  /** Ends what runs within, and the space. */
  async close(): Promise<void> {
    for (const child of [...this.programs.reverse(), this.holder]) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    }
  }

  private enter(): string[] {
    return ['--target', String(this.pid), '--mount', '--net', '--'];
  }
}

/** The command of a static pod that kubeadm wrote, without the program's name. */
export function staticPodArguments(manifest: string): string[] {
  const lines = readFileSync(manifest, 'utf8').split('\n');
  return lines.map((line) => /^ {4}- (--.*)$/.exec(line)?.[1]).filter((line) => line !== undefined);
}
