import { createHmac } from 'node:crypto';

/**
 * The header `Clusterwright-Signature` of a body that is sent at `at`: the time in seconds and, for each signing secret, HMAC-SHA256 of `<time>.<body>` in
 * hexadecimal. There are two secrets while one takes the other's place.
 */
export function signatureHeader(secrets: readonly string[], at: Date, body: string): string {
  const seconds = Math.floor(at.getTime() / 1_000);
  const signatures = secrets.map((secret) => `v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`);
  return [`t=${seconds}`, ...signatures].join(',');
}
