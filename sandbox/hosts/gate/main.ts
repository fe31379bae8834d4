/**
 * The gate of a virtual network: a process inside it that does what the cloud does there. It names its one argument, a socket, by which the sandbox gets in; its
 * settings come on stdin, a line for all of them, and it ends with stdin.
 */
import { chmodSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { createInterface } from 'node:readline';
import { Balancer } from './balancer.js';
import { openExit } from './exits.js';
import { joined } from './joined.js';
import { NameServer } from './names.js';
import { gateSettingsSchema, type GateSettings } from './settings.js';

const [socket = ''] = process.argv.slice(2);
const exits = new Map<string, Server>();
const balancers = new Map<string, Balancer>();
const nameServers = new Map<string, NameServer>();

// Who comes in says where to in the first line, and under which address of this network: `SOURCE ADDRESS PORT`.
createServer({ allowHalfOpen: true }, (incoming) => {
  incoming.once('data', (first) => {
    const end = first.indexOf('\n');
    const [localAddress = '', host = '', port = ''] = first.subarray(0, end).toString('utf8').split(' ');
    const outgoing = connect({ localAddress, host, port: Number(port), allowHalfOpen: true });
    outgoing.write(first.subarray(end + 1));
    joined(incoming, outgoing);
  });
  incoming.on('error', () => incoming.destroy());
}).listen(socket, () => {
  chmodSync(socket, 0o600);
  process.stdout.write('ready\n');
});

createInterface({ input: process.stdin })
  .on('line', (line) => apply(gateSettingsSchema.parse(JSON.parse(line))))
  .on('close', () => process.exit(0));

/** Keeps what stays as it is, closes what is gone, opens what is new. */
function apply({ exits: wantedExits, balancers: wantedBalancers, nameServers: wantedServers, names }: GateSettings): void {
  keep(exits, new Map(wantedExits.map((exit) => [`${exit.address}:${exit.port} ${exit.socket}`, exit])), openExit, () => undefined);
  keep(balancers, new Map(wantedBalancers.map((balancer) => [`${balancer.address}:${balancer.port}`, balancer])), (settings) => new Balancer(settings), (balancer, settings) => balancer.update(settings));
  keep(nameServers, new Map(wantedServers.map((address) => [address, address])), (address) => new NameServer(address, names), (server) => server.update(names));
}

function keep<Open extends { close(): unknown }, Settings>(open: Map<string, Open>, wanted: ReadonlyMap<string, Settings>, start: (settings: Settings) => Open, update: (open: Open, settings: Settings) => void): void {
  for (const [name, part] of open) {
    if (wanted.has(name)) continue;
    part.close();
    open.delete(name);
  }
  for (const [name, settings] of wanted) {
    const part = open.get(name);
    if (part === undefined) open.set(name, start(settings));
    else update(part, settings);
  }
}
