import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { GateSettings } from './gate/settings.js';

/** The gate of a network, as the sandbox sees it: a process inside the network's namespace. */
export class Gate {
  private constructor(private readonly child: ChildProcess, private readonly socket: string, private readonly ended: Promise<unknown>) {}

  /** Starts it; resolves when it can be entered. @param socket where it is entered, in the sandbox's file system */
  static async open(space: string, program: string, socket: string): Promise<Gate> {
    const child = spawn('ip', ['netns', 'exec', space, process.execPath, program, socket], { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    const [line] = (await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended])) as unknown[];
    if (line !== 'ready') throw new Error(`the gate of ${space} did not start`);
    return new Gate(child, socket, ended);
  }

  /** Replaces everything that it does. */
  apply(settings: GateSettings): void {
    this.child.stdin?.write(`${JSON.stringify(settings)}\n`);
  }

  /** A connection to an address within the network. @param source one of the network's router, as which it comes */
  enter(source: string, address: string, port: number): Socket {
    const socket = connect({ path: this.socket, allowHalfOpen: true });
    socket.write(`${source} ${address} ${port}\n`);
    return socket;
  }

  async close(): Promise<void> {
    this.child.stdin?.end();
    await this.ended;
  }
}
