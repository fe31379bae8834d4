import { once } from 'node:events';
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

/** A way to a service that can be cut and mended. */
export class SeveredLink {
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;

  private constructor(private readonly target: URL, private port: number) {}

  static async to(url: string): Promise<SeveredLink> {
    const link = new SeveredLink(new URL(url), 0);
    await link.mend();
    return link;
  }

  /** What stands for the service's URL. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Ends all connections, and takes no new ones. */
  async cut(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    server?.close();
    for (const socket of this.sockets) socket.destroy();
    if (server?.listening === true) await once(server, 'close');
  }

  /** Takes connections, at the same address as before. */
  async mend(): Promise<void> {
    this.server = createServer((incoming) => {
      const outgoing = connect(Number(this.target.port), this.target.hostname);
      for (const [one, other] of [[incoming, outgoing], [outgoing, incoming]] as const) {
        this.sockets.add(one);
        one.pipe(other);
        one.on('error', () => other.destroy()).on('close', () => {
          this.sockets.delete(one);
          other.destroy();
        });
      }
    }).listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }
}
