import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { allowedTargetsSchema, publicTargetsOnly } from '../../../model/webhook-targets.js';
import type { Answer } from '../../../worker/webhooks/verdict.js';
import { WebhookSender, type SenderOptions } from '../../../worker/webhooks/sender.js';

const loopback = allowedTargetsSchema.parse('127.0.0.0/8');

describe('the sender of webhooks', () => {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  const listening = async (server: net.Server): Promise<number> => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ends.push(() => server.close());
    return (server.address() as AddressInfo).port;
  };
  /** A server that counts its requests and connections. */
  const server = async (answer: http.RequestListener) => {
    const counts = { requests: 0, connections: 0 };
    const listener = http.createServer((request, response) => {
      counts.requests += 1;
      answer(request, response);
    });
    listener.on('connection', () => (counts.connections += 1));
    const port = await listening(listener);
    ends.push(() => listener.closeAllConnections());
    return { port, counts };
  };
  const send = async (url: string, options: Partial<SenderOptions> = {}): Promise<Answer> => {
    const sender = new WebhookSender({ secrets: ['0123456789abcdef'], allowed: loopback, ...options });
    try {
      return await sender.send({ id: '01JCDELIVERY00000000000000', type: 'job.started', url, body: '{}' });
    } finally {
      await sender.close();
    }
  };

  it.each([
    ['a literal loopback address', (port: number) => `https://127.0.0.1:${port}/`],
    ['an IPv6 loopback address', (port: number) => `https://[::1]:${port}/`],
    ['an IPv4-mapped address', (port: number) => `https://[::ffff:127.0.0.1]:${port}/`],
    ['another spelling of an address', (port: number) => `https://2130706433:${port}/`],
    ['a name of this machine', (port: number) => `https://localhost:${port}/`],
    ['plain http', (port: number) => `http://127.0.0.1:${port}/`],
    ['a metadata address', () => 'https://169.254.169.254/latest/meta-data/'],
  ])('does not reach %s unless it is allowed', async (_what, urlOf) => {
    const { port, counts } = await server((_request, response) => response.end());
    expect(await send(urlOf(port), { allowed: publicTargetsOnly })).toEqual({ status: null, error: 'refused-address' });
    expect(counts.connections).toBe(0);
  });

  it.each([['127.0.0.1', 4], ['::1', 6], ['::ffff:127.0.0.1', 6]])('does not reach a name that resolves to %s', async (address, family) => {
    expect(await send('https://hooks.example.com/', { allowed: publicTargetsOnly, resolve: (_host, answer) => answer(null, [{ address, family }]) })).toEqual({ status: null, error: 'refused-address' });
  });

  it('reaches a host that is allowed by its name', async () => {
    const { port } = await server((_request, response) => response.writeHead(204).end());
    expect(await send(`http://localhost:${port}/`, { allowed: allowedTargetsSchema.parse('localhost') })).toEqual({ status: 204, error: null });
  });

  it.each([301, 302, 303, 307, 308])('does not follow a redirection with %i', async (code) => {
    const inside = await server((_request, response) => response.end('inside'));
    const { port } = await server((_request, response) => response.writeHead(code, { Location: `http://127.0.0.1:${inside.port}/` }).end());
    expect(await send(`http://127.0.0.1:${port}/`)).toEqual({ status: code, error: null });
    expect(inside.counts.requests).toBe(0);
  });

  it('takes the status of an answer whose body never ends, and reads no more than it must', async () => {
    let sent = 0;
    const { port } = await server((_request, response) => {
      response.writeHead(200);
      const timer = setInterval(() => {
        response.write('x'.repeat(1_024));
        sent += 1_024;
      }, 5);
      response.once('close', () => clearInterval(timer));
    });
    const started = Date.now();
    expect(await send(`http://127.0.0.1:${port}/`)).toEqual({ status: 200, error: null });
    expect(Date.now() - started).toBeLessThan(3_000);
    expect(sent).toBeLessThan(100_000);
  });

  it('tells why there is no answer', async () => {
    const hanging = await server(() => undefined);
    expect(await send(`http://127.0.0.1:${hanging.port}/`, { totalMs: 200 })).toEqual({ status: null, error: 'timeout' });
    const cutting = await server((request) => request.socket.destroy());
    expect(await send(`http://127.0.0.1:${cutting.port}/`)).toEqual({ status: null, error: 'connection-lost' });
    const closed = net.createServer();
    const port = await listening(closed);
    closed.close();
    await once(closed, 'close');
    expect(await send(`http://127.0.0.1:${port}/`)).toEqual({ status: null, error: 'connection-refused' });
    const failing = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
    expect(await send('https://hooks.example.com/', { resolve: (_host, answer) => answer(failing, []) })).toEqual({ status: null, error: 'dns' });
  });

  it('does not talk to a server whose certificate it cannot trust', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'clusterwright-tls-'));
    ends.push(() => rmSync(folder, { recursive: true, force: true }));
    const [key, certificate] = [path.join(folder, 'key.pem'), path.join(folder, 'certificate.pem')];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1',
      '-keyout', key, '-out', certificate], { stdio: 'ignore' });
    let requests = 0;
    const port = await listening(https.createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (_request, response) => {
      requests += 1;
      response.end();
    }));
    expect(await send(`https://127.0.0.1:${port}/`)).toEqual({ status: null, error: 'tls' });
    expect(requests).toBe(0);
  });
});
