import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { isJsonObject, type Json } from '../../model/merge-patch.js';
import type { Caller } from '../../model/tenancy.js';
import type { FirstAnswer, Idempotency } from '../../store/contract.js';

/** `Idempotency-Key`: 1–255 printable ASCII characters. */
export const idempotencyKeySchema = z.string().regex(/^[\x20-\x7e]{1,255}$/, 'must have 1 to 255 printable ASCII characters');

/** The header of every operation that makes a job. */
export const idempotencyHeader = { 'Idempotency-Key': idempotencyKeySchema.optional().describe('The same key with the same request gets the first answer again, for 24 hours') };

/** A request that may carry a key. */
export interface KeyedCall {
  readonly headers: { 'Idempotency-Key'?: string | undefined };
  readonly caller: Caller;
  readonly request: Pick<IncomingMessage, 'method'>;
  readonly path: string;
  readonly search: string;
  readonly body: Json;
}

/** How long the first answer is kept for repetitions. */
export const idempotencySeconds = 86_400;

/** The idempotency of a request, or undefined where it carries no key. */
export function idempotencyOf(call: KeyedCall, answer: FirstAnswer): Idempotency | undefined {
  const key = call.headers['Idempotency-Key'];
  // Each caller has keys of its own: what another one was answered is nobody else's business.
  return key === undefined ? undefined : { key: call.caller.kind === 'anonymous' ? key : `${call.caller.id} ${key}`, fingerprint: fingerprint(call.request.method ?? '', call.path, call.search, call.body), answer, ttlSeconds: idempotencySeconds };
}

/** What makes two requests the same: method, path, query and body, whatever the order of parameters and keys and the white space. */
export function fingerprint(method: string, path: string, search: string, body: Json): string {
  const query = new URLSearchParams(search);
  query.sort();
  return createHash('sha256').update(JSON.stringify([method, path, query.toString(), sorted(body)])).digest('hex');
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key] ?? null)]));
}
