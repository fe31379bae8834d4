import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import http, { type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { webhookBodySchema, type WebhookBody } from '../../model/webhook-delivery.js';

/** A request as a receiver of webhooks got it. */
export interface Received {
  readonly at: number;
  readonly headers: IncomingHttpHeaders;
  /** The body as it came, which is what was signed. */
  readonly text: string;
  readonly body: WebhookBody;
}

/** A receiver of webhooks on loopback. */
export interface Receiver {
  readonly url: string;
  readonly received: readonly Received[];
  /** Waits until so many requests have come. */
  until(count: number): Promise<readonly Received[]>;
  stop(): Promise<void>;
}

/** Answers the `number`th request (from 1). */
export type Answering = (response: ServerResponse, number: number) => void;

/** Starts a receiver on a loopback address; it answers 204 unless told otherwise. Every body must be as documented. */
export async function startReceiver(answer: Answering = (response) => response.writeHead(204).end(), host = '127.0.0.1'): Promise<Receiver> {
  const received: Received[] = [];
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      received.push({ at: Date.now(), headers: request.headers, text, body: webhookBodySchema.parse(JSON.parse(text)) });
      answer(response, received.length);
    });
  });
  server.listen(0, host);
  await once(server, 'listening');
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}/hooks`,
    received,
    until: async (count) => {
      const deadline = Date.now() + 120_000;
      while (received.length < count) {
        if (Date.now() > deadline) throw new Error(`${received.length} of ${count} requests came`);
        await wait(10);
      }
      return received;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Checks a signature as docs/webhooks.md shows it: one of the signatures must be right, and no older than five minutes. */
export function verify(secret: string, header: string, body: string, now = Date.now()): boolean {
  const parts = header.split(',').map((part) => part.split('='));
  const time = parts.find(([name]) => name === 't')?.[1] ?? '';
  const wanted = createHmac('sha256', secret).update(`${time}.${body}`).digest();
  const fresh = Math.abs(now / 1000 - Number(time)) <= 300;
  return fresh && parts.some(([name, hex = '']) => name === 'v1' && hex.length === 64 && timingSafeEqual(Buffer.from(hex, 'hex'), wanted));
}
