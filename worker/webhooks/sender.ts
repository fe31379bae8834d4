import { Agent, request } from 'undici';
import type { Delivery, TryError } from '../../model/webhook-delivery.js';
import { targetFault, type AllowedTargets } from '../../model/webhook-targets.js';
import { publicConnector, type Resolver } from './public-connector.js';
import { signatureHeader } from './signature.js';
import { retryAfter, type Answer } from './verdict.js';

/** Time-outs in milliseconds: for a connection, and for a try as a whole. */
const connectMs = 5_000;
const totalMs = 15_000;
/** Of an answer's body so much is read, and ignored, to keep the connection; a longer one ends it. */
const bodyBytes = 4_096;

/** What a sender is made of. */
export interface SenderOptions {
  /** Signing secrets; the first is the current one. */
  readonly secrets: readonly string[];
  readonly allowed: AllowedTargets;
  /** Looks names up, in place of the system's resolver. */
  readonly resolve?: Resolver;
  /** Longest time of a try, in place of 15 s. */
  readonly totalMs?: number;
}

/** Sends deliveries, signed, to permitted targets. Follows no redirection and knows no proxy. */
export class WebhookSender {
  readonly #agent: Agent;
  readonly #options: SenderOptions;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#agent = new Agent({ connect: publicConnector(options.allowed, connectMs, options.resolve), connections: 2, pipelining: 1 });
  }

  /** Sends a delivery once. Never throws: what went wrong is the answer. */
  async send({ id, type, url, body }: Pick<Delivery, 'id' | 'type' | 'url' | 'body'>): Promise<Answer> {
    // The rules may have become stricter since the webhook was written down.
    if (targetFault(url, this.#options.allowed) !== undefined) return { status: null, error: 'refused-address' };
    const now = new Date();
    try {
      const answer = await request(url, {
        method: 'POST',
        dispatcher: this.#agent,
        signal: AbortSignal.timeout(this.#options.totalMs ?? totalMs),
        headers: {
          'Content-Type': 'application/json; charset=utf-8',
          'User-Agent': 'Clusterwright',
          'Clusterwright-Event': type,
          'Clusterwright-Delivery': id,
          'Clusterwright-Signature': signatureHeader(this.#options.secrets, now, body),
        },
        body,
      });
      // The status is the answer, whatever becomes of the rest.
      await answer.body.dump({ limit: bodyBytes }).catch(() => undefined);
      const header = answer.headers['retry-after'];
      const retryAfterMs = retryAfter(Array.isArray(header) ? header[0] : header, now);
      return { status: answer.statusCode, error: null, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
    } catch (error) {
      return { status: null, error: classOf(error) };
    }
  }

  /** Closes all connections. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

/** Errors of Node, OpenSSL and undici by their codes: their texts could name what lies behind a target. */
const classes: Readonly<Record<string, TryError>> = {
  REFUSED_ADDRESS: 'refused-address',
  ENOTFOUND: 'dns', EAI_AGAIN: 'dns', ENODATA: 'dns',
  ECONNREFUSED: 'connection-refused', EHOSTUNREACH: 'connection-refused', ENETUNREACH: 'connection-refused',
  ECONNRESET: 'connection-lost', EPIPE: 'connection-lost', UND_ERR_SOCKET: 'connection-lost',
  ETIMEDOUT: 'timeout', UND_ERR_CONNECT_TIMEOUT: 'timeout', UND_ERR_HEADERS_TIMEOUT: 'timeout', UND_ERR_BODY_TIMEOUT: 'timeout',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls', SELF_SIGNED_CERT_IN_CHAIN: 'tls', UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls', UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls',
  CERT_HAS_EXPIRED: 'tls', CERT_NOT_YET_VALID: 'tls', EPROTO: 'tls',
};

function classOf(error: unknown): TryError {
  if (!(error instanceof Error)) return 'other';
  if (error.name === 'TimeoutError') return 'timeout';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code.startsWith('ERR_TLS_') || code.startsWith('ERR_SSL_')) return 'tls';
  // A name with several addresses fails with what each of them said.
  if (error instanceof AggregateError && classes[code] === undefined) return classOf(error.errors[0]);
  return classes[code] ?? 'other';
}
