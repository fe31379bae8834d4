import { connect, createServer, type Server } from 'node:net';
import { joined } from './joined.js';
import type { ExitSettings } from './settings.js';

/**
 * Takes connections to an address of the network to a socket of the sandbox. The first line that goes there names both ends, in the words of version 1 of the
 * PROXY protocol (https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt): by the address it came from the sandbox knows whose it is.
 */
export function openExit({ address, port, socket }: ExitSettings): Server {
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (incoming) => {
    const outgoing = connect({ path: socket, allowHalfOpen: true });
    outgoing.write(`PROXY TCP4 ${incoming.remoteAddress ?? ''} ${address} ${incoming.remotePort ?? 0} ${port}\r\n`);
    joined(incoming, outgoing);
  });
  return server.listen(port, address);
}
