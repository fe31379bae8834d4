import { createServer, connect, type Server, type Socket } from 'node:net';
import { request } from 'node:https';
import { joined } from './joined.js';
import type { BalancerSettings } from './settings.js';

type Target = BalancerSettings['targets'][number];

/** A target as its checks have found it. */
interface Checked {
  readonly target: Target;
  healthy: boolean;
  /** Checks in a row that say otherwise. */
  contrary: number;
  readonly connections: Set<Socket>;
}

/** A connection that does not come about in this time goes to the next target. */
const connectLimitMs = 1_000;
const checkLimitMs = 2_000;

const nameOf = ({ address, port }: Target): string => `${address}:${port}`;

/**
 * A load balancer for TCP as the clouds have it: connections go in turn to targets whose checks succeed, those to a target that fails are reset. Targets see the
 * load balancer's own address. Without a healthy target all are tried, as the clouds do it.
 */
export class Balancer {
  readonly #server: Server;
  #targets = new Map<string, Checked>();
  #turn = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(private settings: BalancerSettings) {
    this.#server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (client) => this.#serve(client, this.#inTurn()));
    this.#server.listen(settings.port, settings.address);
    this.update(settings);
  }

  /** Goes on with other targets. */
  update(settings: BalancerSettings): void {
    this.settings = settings;
    const before = this.#targets;
    this.#targets = new Map(settings.targets.map((target) => [nameOf(target), before.get(nameOf(target)) ?? { target, healthy: false, contrary: 0, connections: new Set() }]));
    for (const [name, gone] of before) if (!this.#targets.has(name)) for (const socket of gone.connections) socket.destroy();
    clearTimeout(this.#timer);
    void this.#check();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#server.close();
    for (const { connections } of this.#targets.values()) for (const socket of connections) socket.destroy();
  }

  /** Targets in the order in which they are to be tried. */
  #inTurn(): Checked[] {
    const all = [...this.#targets.values()];
    const healthy = all.filter((checked) => checked.healthy);
    const usable = healthy.length > 0 ? healthy : all;
    this.#turn += 1;
    return usable.map((_, index) => usable[(index + this.#turn) % usable.length]).filter((checked) => checked !== undefined);
  }

  #serve(client: Socket, [first, ...rest]: readonly Checked[]): void {
    if (first === undefined) {
      client.resetAndDestroy();
      return;
    }
    const { target: { address, port } } = first;
    const server = connect({ host: address, port, localAddress: this.settings.address, allowHalfOpen: true });
    const giveUp = setTimeout(() => server.destroy(new Error('no answer')), connectLimitMs);
    const onError = (): void => {
      clearTimeout(giveUp);
      this.#serve(client, rest);
    };
    server.once('error', onError);
    server.once('connect', () => {
      clearTimeout(giveUp);
      server.off('error', onError);
      first.connections.add(client);
      client.once('close', () => first.connections.delete(client));
      joined(client, server);
    });
  }

  async #check(): Promise<void> {
    const { check } = this.settings;
    await Promise.all([...this.#targets.values()].map(async (checked) => {
      const works = await answers(checked.target.address, check.port, check.path, this.settings.address);
      checked.contrary = works === checked.healthy ? 0 : checked.contrary + 1;
      if (checked.contrary < (works ? check.healthy : check.unhealthy)) return;
      if (works === checked.healthy) return;
      checked.healthy = works;
      checked.contrary = 0;
      if (!works) for (const socket of checked.connections) socket.resetAndDestroy();
    }));
    this.#timer = setTimeout(() => void this.#check(), check.intervalSeconds * 1000);
  }
}

/** Whether a target answers 200; who it is, is not asked, as the clouds do not either. */
function answers(host: string, port: number, path: string, localAddress: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ host, port, path, localAddress, rejectUnauthorized: false, timeout: checkLimitMs, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.once('timeout', () => asked.destroy(new Error('no answer in time')));
    asked.once('error', () => resolve(false));
    asked.end();
  });
}
