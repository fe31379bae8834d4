import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import type { Server as HttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Cidr } from '../provider/cidr.js';
import { adminFile } from './admin.js';
import { command } from './commands.js';
import type { Disks } from './disks.js';
import { openDoor, type Caller } from './exit-door.js';
import { firewall } from './firewall.js';
import { Gate } from './gate-process.js';
import { joined } from './gate/joined.js';
import { Host } from './host.js';
import { metadataAddress, type HostCloud, type HostMachine, type HostNetwork } from './host-cloud.js';
import { shortName } from './short-name.js';
import { Space } from './space.js';

/** What the keepers of all networks share. */
export interface HostGround {
  /** Where sockets of this sandbox lie. */
  readonly folder: string;
  /** Where the disks of its machines lie. */
  readonly machines: string;
  /** Begins the names of everything that belongs to this sandbox. */
  readonly prefix: string;
  /** Scripts of hosts, and the gate's program. */
  readonly scripts: string;
  readonly gate: string;
  /** Root file systems for a machine with these user data, the uppermost first; and containerd's store. */
  readonly layersFor: (userData: Buffer) => readonly string[];
  readonly store: string | undefined;
  readonly disks: Disks;
  /** Files of every host's root, by path. */
  readonly files: Readonly<Record<string, string>>;
  /** Told of what goes wrong with hosts themselves. */
  readonly report: (error: unknown) => void;
  /** Takes a connection to one of the clouds' services, which speaks TLS. */
  readonly serveTls: (connection: Socket, servicesOf: (name: string) => HttpServer) => void;
  /** Services on the internet, beside those of the clouds, by name. */
  readonly internet: ReadonlyMap<string, HttpServer>;
}

/** Where names of services lead to, in every network: an address that is set apart for benchmarks (RFC 2544). */
const serviceAddress = '198.18.255.1';

/** Keeps one virtual network with its hosts as its cloud wants it. `keep` brings it there from wherever it stands. */
export class NetworkKeeper {
  readonly #space: Space;
  readonly #hosts = new Map<string, { readonly host: Host; readonly machine: HostMachine }>();
  readonly #outside = new Map<string, Server>();
  readonly #metadata = new Map<string, HttpServer>();
  readonly #claimed = new Set<string>();
  #gate: Gate | undefined;
  #door: Server | undefined;
  #filter = '';

  constructor(private readonly ground: HostGround, private readonly cloud: HostCloud, readonly id: string) {
    this.#space = new Space(`${ground.prefix}-${shortName(id)}`);
  }

  /** @param now sandbox time; machines that run later are not booted yet */
  async keep(network: HostNetwork | undefined, machines: readonly HostMachine[], now: number): Promise<void> {
    for (const [id, { host }] of this.#hosts) if (!machines.some((machine) => machine.id === id)) await this.#remove(id, host);
    if (network === undefined || machines.length === 0) {
      await this.close();
      return;
    }
    await this.#open();
    for (const address of [metadataAddress, serviceAddress, network.nameServer, network.worker, ...network.endpoints, ...network.balancers.map((balancer) => balancer.address)]) await this.#claim(address);
    await this.#shut(network);
    this.#gate?.apply({
      exits: [{ address: metadataAddress, port: 80, socket: this.#socket('exits') }, ...[serviceAddress, ...network.endpoints].map((address) => ({ address, port: 443, socket: this.#socket('exits') }))],
      balancers: network.balancers.map(({ outside: _outside, ...settings }) => settings),
      nameServers: [network.nameServer],
      names: Object.fromEntries([...Object.entries(network.names), ...[...network.services, ...this.ground.internet.keys()].map((name) => [name, [serviceAddress]] as const)].map(([name, addresses]) => [name, [...addresses]])),
    });
    await this.#openOutside(network);
    await Promise.all(machines.map((machine) => this.#switchOff(machine)));
    for (const machine of machines) if (machine.runningSince !== null && machine.runningSince <= now) await this.#run(machine, network);
  }

  /** The host of a machine, if it has one here. */
  host(machine: string): Host | undefined {
    return this.#hosts.get(machine)?.host;
  }

  /** Ends everything and leaves nothing but the hosts' disks. */
  async close(): Promise<void> {
    await Promise.all([...this.#hosts.values()].map(({ host }) => host.kill()));
    for (const { machine } of this.#hosts.values()) await this.#space.detach(this.#spaceOf(machine));
    for (const server of [...this.#outside.values(), ...this.#metadata.values(), ...(this.#door === undefined ? [] : [this.#door])]) server.close();
    this.#outside.clear();
    this.#metadata.clear();
    this.#hosts.clear();
    this.#claimed.clear();
    await this.#gate?.close();
    await this.#removeSockets();
    this.#gate = this.#door = undefined;
    this.#filter = '';
    await this.#space.close();
  }

  async #open(): Promise<void> {
    if (this.#gate !== undefined) return;
    await mkdir(this.ground.folder, { recursive: true });
    await this.#space.open();
    await this.#removeSockets();
    this.#door = openDoor(this.#socket('exits'), (connection, caller) => this.#serve(connection, caller));
    await once(this.#door, 'listening');
    this.#gate = await Gate.open(this.#space.name, this.ground.gate, this.#socket('gate'));
  }

  /** A connection out of the network: to the metadata service, as the machine that it comes from, or to a service of the cloud. */
  #serve(connection: Socket, { source, destination }: Caller): void {
    if (destination !== metadataAddress) {
      this.ground.serveTls(connection, (name) => this.ground.internet.get(name) ?? this.cloud.services);
      return;
    }
    const known = [...this.#hosts.values()].find(({ machine }) => machine.address === source);
    if (known === undefined) connection.destroy();
    else this.#metadata.get(known.machine.id)?.emit('connection', connection);
  }

  async #claim(address: string): Promise<void> {
    if (this.#claimed.has(address)) return;
    await this.#space.claim(address);
    this.#claimed.add(address);
  }

  async #shut({ policies, nameServer }: HostNetwork): Promise<void> {
    const rules = `${firewall(policies, [metadataAddress, nameServer])}${this.cloud.metadataFilter}`;
    if (rules === this.#filter) return;
    await this.#space.filter(rules);
    this.#filter = rules;
  }

  /** The loopback addresses on which the worker finds the network's load balancers. */
  async #openOutside({ balancers, worker }: HostNetwork): Promise<void> {
    const wanted = new Map(balancers.map((balancer) => [`${balancer.outside}:${balancer.port}`, balancer]));
    for (const [name, server] of this.#outside) {
      if (wanted.has(name)) continue;
      server.close();
      this.#outside.delete(name);
    }
    for (const [name, { outside, address, port }] of wanted) {
      if (this.#outside.has(name)) continue;
      const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
        const inner = this.#gate?.enter(worker, address, port);
        if (inner === undefined) client.destroy();
        else joined(client, inner);
      });
      server.listen(port, outside);
      await once(server, 'listening');
      this.#outside.set(name, server);
    }
  }

  async #run(machine: HostMachine, { nameServer }: HostNetwork): Promise<void> {
    const known = this.#hosts.get(machine.id);
    if (known !== undefined) {
      // Whose power was cut stays off until somebody switches it on. Each change of the cloud comes by here, and few are about disks.
      const wasOff = known.machine.runningSince === null;
      if (!wasOff && isDeepStrictEqual(known.machine.disks, machine.disks)) return;
      await this.#plug(known.host, machine);
      this.#hosts.set(machine.id, { host: known.host, machine });
      if (wasOff) await known.host.boot();
      return;
    }
    const { ground: { machines, scripts, layersFor, store, files, report } } = this;
    const range = Cidr.parse(machine.subnet);
    if (range === undefined) throw new Error(`${machine.subnet} is no network`);
    const space = this.#spaceOf(machine);
    await this.#space.attach({ space, address: machine.address, prefixLength: range.prefix, gateway: range.at(1) });
    const host = new Host(path.join(machines, shortName(machine.id)), scripts, {
      id: machine.id, name: machine.name, space, layers: layersFor(machine.userData), store, userData: machine.userData, nameServers: [nameServer], files: { ...files, ...this.cloud.files },
    }, report);
    this.#hosts.set(machine.id, { host, machine });
    this.#metadata.set(machine.id, this.cloud.metadata(machine.id));
    await this.#plug(host, machine);
    await host.boot();
  }

  /** What the cloud has stopped is told to shut down, as by the power button. */
  async #switchOff(machine: HostMachine): Promise<void> {
    const known = this.#hosts.get(machine.id);
    if (machine.runningSince !== null || known === undefined || known.machine.runningSince === null) return;
    this.#hosts.set(machine.id, { host: known.host, machine });
    await known.host.shutDown();
  }

  async #plug(host: Host, { disks }: HostMachine): Promise<void> {
    for (const name of host.disks) if (!disks.some((disk) => disk.name === name)) await host.unplug(name);
    for (const { name, id, sizeGiB } of disks) await host.plug(name, await this.ground.disks.attach(id, sizeGiB));
  }

  async #remove(id: string, host: Host): Promise<void> {
    const machine = this.#hosts.get(id)?.machine;
    await host.remove();
    this.#hosts.delete(id);
    this.#metadata.get(id)?.close();
    this.#metadata.delete(id);
    if (machine === undefined) return;
    await this.#space.detach(this.#spaceOf(machine));
    // Beside the rest: an API server that is going away too would let it wait.
    this.#removeNode(machine.node).catch((error: unknown) => {
      if (this.#gate !== undefined) this.ground.report(error);
    });
  }

  #spaceOf({ id }: HostMachine): string {
    return `${this.ground.prefix}-${shortName(id)}`;
  }

  /** What the cloud's controller does where a stand-in took its place, which cannot ask the cloud: nodes go with their machines. */
  async #removeNode(node: string): Promise<void> {
    for (const { host } of this.#hosts.values()) {
      const pid = await host.pid();
      if (pid === undefined || !existsSync(host.file(adminFile))) continue;
      const kubectl = ['kubectl', '--kubeconfig', `/${adminFile}`, '--request-timeout', '10s', 'delete', 'node', node, '--ignore-not-found'];
      await command('nsenter', ['--target', String(pid), '--all', ...kubectl]);
      return;
    }
  }

  async #removeSockets(): Promise<void> {
    for (const name of ['exits', 'gate']) await rm(this.#socket(name), { force: true });
  }

  /** Paths of sockets are short. */
  #socket(name: string): string {
    return path.join(this.ground.folder, `${createHash('sha256').update(this.id).digest('hex').slice(0, 8)}-${name}`);
  }
}
