import { z } from 'zod';

/** Where a Redis is: one server, or the primary that Sentinels name. */
export type RedisAddress =
  | { readonly kind: 'server'; readonly url: string }
  | {
    readonly kind: 'sentinel';
    readonly sentinels: readonly { readonly host: string; readonly port: number }[];
    /** The name under which Sentinels know the primary. */
    readonly name: string;
    readonly username: string | undefined;
    readonly password: string | undefined;
    /** Whether Sentinels want the same user and password. */
    readonly sentinelAuth: boolean;
    readonly db: number;
    readonly tls: boolean;
  };

const sentinelPort = 26_379;
const form = 'must be redis://[USER:PASSWORD@]HOST[:PORT][/DB], the same with rediss:// for TLS, or redis+sentinel://[USER:PASSWORD@]HOST[:PORT],HOST[:PORT]/NAME[?db=DB&sentinelAuth=same]';
const hostPattern = /^(\[[0-9a-fA-F:.]+\]|[\w.-]+)(?::(\d{1,5}))?$/;

/** `REDIS_URL`, as text that {@link redisAddress} understands. */
export const redisUrlSchema = z.string().refine((text) => parse(text) !== undefined, form);

/** Where a URL leads. Throws for one that the schema does not let through. */
export function redisAddress(url: string): RedisAddress {
  const address = parse(url);
  if (address === undefined) throw new RangeError(`the address of Redis ${form}`);
  return address;
}

/** A URL with this password in place of the one it has or lacks; the user, where there is one, stays. */
export function withPassword(url: string, password: string): string {
  return url.replace(/^([^:]+:\/\/)(?:([^:@/]*)(?::[^@/]*)?@)?/, (_, scheme: string, user = '') => `${scheme}${user}:${encodeURIComponent(password)}@`);
}

function parse(text: string): RedisAddress | undefined {
  if (/^rediss?:\/\/[^/]/.test(text)) return URL.canParse(text) ? { kind: 'server', url: text } : undefined;
  // Several hosts are no URL to the standard.
  const [, secure, user, password, hosts = '', name, query = ''] = /^redis(s?)\+sentinel:\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^/@?]+)\/([\w.-]+)(?:\?(.*))?$/.exec(text) ?? [];
  const sentinels = hosts.split(',').map((host) => hostPattern.exec(host));
  const options = new URLSearchParams(query);
  const [db, auth] = [options.get('db') ?? '0', options.get('sentinelAuth')];
  if (name === undefined || sentinels.includes(null) || !/^\d{1,3}$/.test(db) || (auth !== null && auth !== 'same')) return undefined;
  const decoded = (part: string | undefined): string | undefined => (part === undefined || part === '' ? undefined : decodeURIComponent(part));
  return {
    kind: 'sentinel', name, db: Number(db), tls: secure === 's', username: decoded(user), password: decoded(password), sentinelAuth: auth === 'same',
    sentinels: sentinels.map((match) => ({ host: (match?.[1] ?? '').replace(/^\[|\]$/g, ''), port: Number(match?.[2] ?? sentinelPort) })),
  };
}
