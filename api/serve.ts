import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Application } from 'express';
import { ClusterwrightError } from '../model/errors.js';
import { stoppingEvent } from './app.js';

/** A server that listens. */
export interface Server {
  /** `http://HOST:PORT`, with the port that was free where 0 was asked for. */
  readonly url: string;
  readonly port: number;
  /** Stops listening, ends streams, finishes requests within `graceMs` (default 10 s) and cuts what is left. */
  stop(graceMs?: number): Promise<void>;
}

/** Listens. Throws `settings-invalid` where the address cannot be had. */
export async function serve(app: Application, host: string, port: number): Promise<Server> {
  // A request has to arrive whole within 30 s; answers, such as streams, may take as long as they like.
  const server = http.createServer({ requestTimeout: 30_000, headersTimeout: 15_000, keepAliveTimeout: 65_000 }, app);
  await listen(server, host, port);
  const address = server.address() as AddressInfo;
  let stopped: Promise<void> | undefined;
  return {
    url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    port: address.port,
    stop: (graceMs = 10_000) => (stopped ??= stop(server, app, graceMs)),
  };
}

function listen(server: http.Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new ClusterwrightError('settings-invalid', `HOST ${host}, PORT ${port}: the API cannot listen there (${error.code ?? 'unknown reason'}).`, {
        hint: 'Set PORT to a free port, or stop what listens on it.', cause: error,
      }));
    });
    server.listen(port, host, resolve);
  });
}

async function stop(server: http.Server, app: Application, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  app.emit(stoppingEvent);
  server.closeIdleConnections();
  // Connections become idle one by one as their requests end; node closes only those that are idle now.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
}
