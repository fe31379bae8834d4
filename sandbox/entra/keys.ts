import { createPrivateKey, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../clock.js';
import type { Journal, Table } from '../inventory/journal.js';
import { rsaKeyPair } from '../rsa-keys.js';

const jwkSchema = z.looseObject({ kty: z.literal('RSA'), n: z.string(), e: z.string(), d: z.string(), p: z.string(), q: z.string(), dp: z.string(), dq: z.string(), qi: z.string() });

/** A signing key, private half included, as the journal keeps it. */
interface KeptKey {
  readonly jwk: z.output<typeof jwkSchema> & { readonly kid: string; readonly use: 'sig' };
  /** Since when it signs nothing any more, by the sandbox's clock; null for the one that signs. */
  readonly retired: number | null;
}

/** For how long a retired key stays published, milliseconds. A day is longer than any token is valid. */
const publishedMs = 24 * 3_600_000;

/** The keys that sign the tokens of all tenants, as Entra's common keys do. The first is made when it is first needed. */
export class SigningKeys {
  readonly #table: Table<KeptKey>;

  constructor(journal: Journal, private readonly clock: Clock) {
    this.#table = journal.table('entra-keys');
  }

  /** All that are published: first the one that signs, then those that were retired within the last day. */
  published(): readonly KeptKey['jwk'][] {
    if (![...this.#table.values()].some(({ retired }) => retired === null)) this.#add();
    const since = (retired: number | null): number => retired ?? Number.POSITIVE_INFINITY;
    return [...this.#table.values()].filter(({ retired }) => since(retired) > this.clock.now() - publishedMs).sort((left, right) => since(right.retired) - since(left.retired)).map(({ jwk }) => jwk);
  }

  /** Signs with a new key from now on, and forgets those that are not published any more. Returns the new key's id. */
  rotate(): string {
    const kept = new Set(this.published().map(({ kid }) => kid));
    for (const [kid, { jwk, retired }] of [...this.#table.entries()]) {
      if (!kept.has(kid)) this.#table.delete(kid);
      else if (retired === null) this.#table.put(kid, { jwk, retired: this.clock.now() });
    }
    return this.#add();
  }

  #add(): string {
    const kid = randomBytes(20).toString('base64url');
    this.#table.put(kid, { jwk: { ...jwkSchema.parse(createPrivateKey(rsaKeyPair().privateKey).export({ format: 'jwk' })), kid, use: 'sig' }, retired: null });
    return kid;
  }
}
