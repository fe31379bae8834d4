import { createSocket, type Socket } from 'node:dgram';
import { createServer, type Server } from 'node:net';
import { decode, encode, streamDecode, streamEncode, AUTHORITATIVE_ANSWER, type Packet, type Question } from 'dns-packet';

/** Response code of a name that does not exist. */
const nxdomain = 3;
const seconds = 5;

/** A network's name server, on one address, over UDP and TCP. It knows the addresses it was given, and that there is nothing else. */
export class NameServer {
  readonly #udp: Socket = createSocket('udp4');
  readonly #tcp: Server;

  constructor(address: string, private names: Readonly<Record<string, readonly string[]>>) {
    this.#udp.on('message', (message, from) => this.#udp.send(encode(this.#answer(decode(message))), from.port, from.address));
    this.#udp.bind(53, address);
    this.#tcp = createServer((socket) => {
      socket.once('data', (message) => socket.end(streamEncode(this.#answer(streamDecode(message)))));
      socket.on('error', () => socket.destroy());
    }).listen(53, address);
  }

  update(names: Readonly<Record<string, readonly string[]>>): void {
    this.names = names;
  }

  close(): void {
    this.#udp.close();
    this.#tcp.close();
  }

  #answer({ id, questions = [] }: Packet): Packet {
    const found = questions.map((question) => ({ question, addresses: this.#addressesOf(question) }));
    const unknown = found.some(({ addresses }) => addresses === undefined);
    return {
      type: 'response', id, questions, flags: AUTHORITATIVE_ANSWER | (unknown ? nxdomain : 0),
      answers: found.flatMap(({ question, addresses = [] }) => (question.type === 'A' ? addresses.map((data) => ({ type: 'A', name: question.name, ttl: seconds, data }) as const) : [])),
    };
  }

  /** Undefined where there is no such name. */
  #addressesOf({ name }: Question): readonly string[] | undefined {
    const asked = name.toLowerCase().replace(/\.$/, '');
    const exact = this.names[asked];
    if (exact !== undefined) return exact;
    for (let dot = asked.indexOf('.'); dot >= 0; dot = asked.indexOf('.', dot + 1)) {
      const below = this.names[asked.slice(dot)];
      if (below !== undefined) return below;
    }
    return undefined;
  }
}
