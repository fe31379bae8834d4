import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { tenantId } from '../cloud.js';

const claimsSchema = z.object({ aud: z.string(), oid: z.string(), appid: z.string(), exp: z.number(), machine: z.string().nullable() });

/** Who calls, and from where. */
export interface Caller {
  readonly principalId: string;
  readonly clientId: string;
  /** Id of the machine that the token was given on; null for the service's own process. */
  readonly machine: string | null;
}

/** Seconds for which a managed identity's token is valid. */
const validSeconds = 24 * 3600;

/** One key for all sandboxes: clients keep tokens for hours, over restarts, and what it guards is no secret. */
const key = Buffer.from('the directory of every sandbox');

/** Tokens of the directory: signed, for one audience. */
export class Tokens {
  /** A token for `audience`, such as `https://vault.azure.net`, with its end in seconds since the epoch by the machine's own clock. */
  give({ principalId, clientId, machine }: Caller, audience: string): { readonly token: string; readonly expiresOn: number } {
    const exp = Math.floor(Date.now() / 1000) + validSeconds;
    const content = [{ typ: 'JWT', alg: 'HS256' }, { aud: withoutSlash(audience), oid: principalId, appid: clientId, tid: tenantId, exp, machine }].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return { token: `${content}.${this.#sign(content).toString('base64url')}`, expiresOn: exp };
  }

  /** Who holds a token for this audience; undefined where it is none, not ours, or has ended. */
  holderOf(authorization: string | undefined, audience: string): Caller | undefined {
    const [, head = '', payload = '', signature = ''] = /^Bearer ([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(authorization ?? '') ?? [];
    const given = Buffer.from(signature, 'base64url');
    const own = this.#sign(`${head}.${payload}`);
    if (given.length !== own.length || !timingSafeEqual(given, own)) return undefined;
    const { aud, oid, appid, exp, machine } = claimsSchema.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
    return aud !== audience || exp * 1000 < Date.now() ? undefined : { principalId: oid, clientId: appid, machine };
  }

  #sign(content: string): Buffer {
    return createHmac('sha256', key).update(content).digest();
  }
}

function withoutSlash(audience: string): string {
  return audience.replace(/\/$/, '');
}
