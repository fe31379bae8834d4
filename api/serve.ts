import { readFileSync, statSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { Application } from 'express';
import { ClusterwrightError } from '../model/errors.js';
import { stoppingEvent } from './app.js';

/** A server that listens. */
export interface Server {
  /** `http://HOST:PORT` or `https://…`, with the port that was free where 0 was asked for. */
  readonly url: string;
  readonly port: number;
  /** Stops listening, ends streams, finishes requests within `graceMs` (default 10 s) and cuts what is left. */
  stop(graceMs?: number): Promise<void>;
}

/** Where the certificate chain and its key lie, as PEM. */
export interface TlsFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** How often it is looked whether the certificate has been renewed, in milliseconds. */
const renewalCheckMs = 60_000;

/** Listens. Throws `settings-invalid` where the address or the certificate cannot be had. */
export async function serve(app: Application, host: string, port: number, tls?: TlsFiles): Promise<Server> {
  // A request has to arrive whole within 30 s; answers, such as streams, may take as long as they like.
  const options = { requestTimeout: 30_000, headersTimeout: 15_000, keepAliveTimeout: 65_000 };
  const secure = tls && https.createServer({ ...options, ...certificate(tls), minVersion: 'TLSv1.2' }, app);
  const server = secure ?? http.createServer(options, app);
  await listen(server, host, port);
  const address = server.address() as AddressInfo;
  const renewal = secure && tls ? followRenewals(secure, tls) : undefined;
  let stopped: Promise<void> | undefined;
  return {
    url: `${tls ? 'https' : 'http'}://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    port: address.port,
    stop: (graceMs = 10_000) => {
      clearInterval(renewal);
      return (stopped ??= stop(server, app, graceMs));
    },
  };
}

function certificate({ certificateFile, keyFile }: TlsFiles): { cert: Buffer; key: Buffer } {
  try {
    const read = { cert: readFileSync(certificateFile), key: readFileSync(keyFile) };
    createSecureContext(read);
    return read;
  } catch (error) {
    throw new ClusterwrightError('settings-invalid', `CLUSTERWRIGHT_TLS_CERTIFICATE ${certificateFile}, CLUSTERWRIGHT_TLS_KEY ${keyFile}: they cannot be read, or do not belong together.`, { cause: error });
  }
}

/** Takes a renewed certificate for new connections. One that is not whole yet is tried again. */
function followRenewals(server: https.Server, tls: TlsFiles): NodeJS.Timeout {
  const changedAt = (): string => [tls.certificateFile, tls.keyFile].map((file) => statSync(file).mtimeMs).join();
  let known = changedAt();
  return setInterval(() => {
    try {
      const now = changedAt();
      if (now === known) return;
      server.setSecureContext(certificate(tls));
      known = now;
    } catch (error) {
      process.emitWarning(`the certificate could not be renewed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }, renewalCheckMs).unref();
}

function listen(server: http.Server | https.Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new ClusterwrightError('settings-invalid', `HOST ${host}, PORT ${port}: the API cannot listen there (${error.code ?? 'unknown reason'}).`, {
        hint: 'Set PORT to a free port, or stop what listens on it.', cause: error,
      }));
    });
    server.listen(port, host, resolve);
  });
}

async function stop(server: http.Server | https.Server, app: Application, graceMs: number): Promise<void> {
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
