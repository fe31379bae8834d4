import { mkdir, readFile, writeFile } from 'node:fs/promises';
import type { Server as HttpServer } from 'node:http';
import type { Socket } from 'node:net';
import path from 'node:path';
import { createSecureContext, createServer, type SecureContext } from 'node:tls';
import { z } from 'zod';
import { CertificateAuthority } from '../kubernetes/pki.js';

const pairSchema = z.object({ certificate: z.string(), key: z.string() });

/**
 * TLS under the clouds' own names: hosts reach `https://ssm.eu-west-1.amazonaws.com` as on the cloud, because they trust an authority of this sandbox alone.
 */
export class ServiceTls {
  readonly #contexts = new Map<string, Promise<SecureContext>>();

  private constructor(private readonly authority: CertificateAuthority) {}

  /** The authority is made once and kept in the folder. */
  static async open(folder: string): Promise<ServiceTls> {
    const file = path.join(folder, 'service-authority.json');
    const kept = await readFile(file, 'utf8').catch(() => undefined);
    if (kept !== undefined) return new ServiceTls(await CertificateAuthority.import(pairSchema.parse(JSON.parse(kept))));
    const authority = await CertificateAuthority.create('services of the sandbox');
    await mkdir(folder, { recursive: true });
    await writeFile(file, JSON.stringify(await authority.export()), { mode: 0o600 });
    return new ServiceTls(authority);
  }

  /** What hosts have to trust, PEM. */
  get certificate(): string {
    return this.authority.certificate;
  }

  /** Speaks TLS on a connection, by the name that the client asks for, and hands what comes out of it to the server of that name. */
  serve(connection: Socket, servicesOf: (name: string) => HttpServer): void {
    const server = createServer({
      SNICallback: (name, answer) => {
        this.#contextOf(name).then((context) => answer(null, context), (error: unknown) => answer(error instanceof Error ? error : new Error(String(error))));
      },
    }, (secure) => servicesOf(typeof secure.servername === 'string' ? secure.servername : '').emit('connection', secure));
    server.on('tlsClientError', () => connection.destroy());
    server.emit('connection', connection);
  }

  #contextOf(name: string): Promise<SecureContext> {
    let context = this.#contexts.get(name);
    if (context === undefined) {
      context = this.authority.issueServer([name], []).then(({ certificate, key }) => createSecureContext({ cert: certificate, key }));
      this.#contexts.set(name, context);
    }
    return context;
  }
}
