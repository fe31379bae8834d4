import type { ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { once } from 'node:events';
import type { KeyPair } from '../pki.js';
import type { ClusterApi } from './cluster-api.js';
import { answer } from './handler.js';
import { StatusError } from './status-error.js';

/** What one API server needs to listen. */
export interface ApiServerOptions {
  /** Loopback address. */
  host: string;
  port: number;
  server: KeyPair;
  /** PEM of the authority whose client certificates are accepted. */
  authority: string;
  /** Kubernetes release without `v`. */
  release: string;
}

/** A listening API server of a simulated cluster. */
export class ApiServer {
  private constructor(private readonly server: Server) {}

  /** Listens. @throws the system's error where address and port cannot be had. */
  static async start(api: ClusterApi, options: ApiServerOptions): Promise<ApiServer> {
    const { certificate, key } = options.server;
    const server = createServer({ cert: certificate, key, ca: options.authority, requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.2', keepAliveTimeout: 120_000 }, (request, response) => {
      answer(api, options.release, request).then(({ status, body }) => send(response, status, body), (error: unknown) => {
        const status = error instanceof StatusError ? error : new StatusError(500, 'InternalError', `Internal error occurred: ${error instanceof Error ? error.message : String(error)}`);
        send(response, status.code, status.toStatus());
      });
    });
    server.listen(options.port, options.host);
    await once(server, 'listening');
    return new ApiServer(server);
  }

  /** Port that it listens on. */
  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Stops listening and cuts every connection. */
  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
