import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { createServer, connect, type Server, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { joined } from './joined.js';
import type { BalancerSettings } from './settings.js';

type Target = BalancerSettings['targets'][number];
type Check = NonNullable<BalancerSettings['check']>;

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
/** How long nobody answers a client that gets nowhere: longer than clients wait, and not for ever, as they are connected here. */
const silenceMs = 30_000;
/** Checks follow each other no faster, whatever the interval. */
const checkPauseMs = 200;

const nameOf = ({ address, port }: Target): string => `${address}:${port}`;

/**
 * A load balancer for TCP as the clouds have it: connections go to any target whose checks succeed.
 *
 * AWS's ends connections and makes its own: targets see its address, connections to a target that fails are reset, and without a healthy target all are tried.
 * Azure's hands packets through (`passThrough`): connections outlive the health of their target, nobody hears anything while no target is healthy, nor does a
 * target that is sent to itself, and targets see the client; here only clients from other networks, for which the router stands, and for hosts the load balancer.
 * https://learn.microsoft.com/azure/load-balancer/load-balancer-custom-probe-overview#probe-down-behavior
 */
export class Balancer {
  readonly #server: Server;
  #targets = new Map<string, Checked>();
  /** Rounds of checks that were begun; only the last one counts and is followed by another. */
  #rounds = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(private settings: BalancerSettings) {
    this.#server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (client) => this.#receive(client));
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
    this.#rounds += 1;
    clearTimeout(this.#timer);
    this.#server.close();
    for (const { connections } of this.#targets.values()) for (const socket of connections) socket.destroy();
  }

  /** Targets in the order in which they are to be tried. */
  #anyOrder(): Checked[] {
    const all = [...this.#targets.values()];
    const healthy = all.filter((checked) => checked.healthy);
    const { check, passThrough = false } = this.settings;
    const usable = check === undefined || (healthy.length === 0 && !passThrough) ? all : healthy;
    // The clouds' hash of addresses and ports has no order either: a client that comes again and again does not meet the same one each time.
    const begin = Math.floor(Math.random() * usable.length);
    return [...usable.slice(begin), ...usable.slice(0, begin)];
  }

  /** What comes in, goes to a target, or nowhere. */
  #receive(client: Socket): void {
    const targets = this.#anyOrder();
    if (this.settings.passThrough !== true) return this.#serve(client, targets);
    const [first] = targets;
    if (first !== undefined && first.target.address !== client.remoteAddress) return this.#serve(client, [first]);
    const giveUp = setTimeout(() => client.resetAndDestroy(), silenceMs);
    client.on('error', () => client.destroy()).once('end', () => client.destroy()).once('close', () => clearTimeout(giveUp)).resume();
  }

  #serve(client: Socket, [first, ...rest]: readonly Checked[]): void {
    if (first === undefined) {
      client.resetAndDestroy();
      return;
    }
    const { target: { address, port } } = first;
    const server = connect({ host: address, port, localAddress: this.#sourceFor(client), allowHalfOpen: true });
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

  /** The address under which a target sees a client. */
  #sourceFor({ remoteAddress }: Socket): string {
    const ours = Object.values(networkInterfaces()).flat().some((own) => own?.address === remoteAddress);
    return this.settings.passThrough === true && ours && remoteAddress !== undefined ? remoteAddress : this.settings.address;
  }

  async #check(): Promise<void> {
    const { check, passThrough, address } = this.settings;
    this.#rounds += 1;
    const round = this.#rounds;
    if (check === undefined) return;
    await Promise.all([...this.#targets.values()].map(async (checked) => {
      const works = await answers(checked.target.address, check, check.from ?? address);
      if (round !== this.#rounds) return;
      checked.contrary = works === checked.healthy ? 0 : checked.contrary + 1;
      if (checked.contrary < (works ? check.healthy : check.unhealthy)) return;
      if (works === checked.healthy) return;
      checked.healthy = works;
      checked.contrary = 0;
      if (!works && passThrough !== true) for (const socket of checked.connections) socket.resetAndDestroy();
    }));
    if (round === this.#rounds) this.#timer = setTimeout(() => void this.#check(), Math.max(check.intervalSeconds * 1000, checkPauseMs));
  }
}

/** Whether a target answers as the check wants it; who it is, is not asked, as the clouds do not either. */
function answers(host: string, { protocol, port, path }: Check, localAddress: string): Promise<boolean> {
  return new Promise((resolve) => {
    if (protocol === 'tcp') {
      const socket = connect({ host, port, localAddress, timeout: checkLimitMs });
      const end = (connected: boolean) => () => {
        socket.destroy();
        resolve(connected);
      };
      socket.once('connect', end(true)).once('timeout', end(false)).once('error', end(false));
      return;
    }
    const options = { host, port, path, localAddress, timeout: checkLimitMs, agent: false } as const;
    const asked = protocol === 'http' ? requestPlain(options) : requestTls({ ...options, rejectUnauthorized: false });
    asked.once('response', (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.once('timeout', () => asked.destroy(new Error('no answer in time')));
    asked.once('error', () => resolve(false));
    asked.end();
  });
}
