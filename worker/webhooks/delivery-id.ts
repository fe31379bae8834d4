import { createHash } from 'node:crypto';
import { encodeTime } from 'ulid';
import type { WebhookChange } from '../../model/webhook-delivery.js';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * The id of a delivery: a ULID out of what it tells, so that the same event for the same URL has the same id, whoever works it out. Ids sort as things
 * happened: by the change's time, its number within the millisecond and the event's place within the change; a hash makes up the rest.
 */
export function deliveryId(change: Pick<WebhookChange, 'id'>, place: number, url: string): string {
  const [milliseconds = '0', number = '0'] = change.id.split('-');
  const hash = createHash('sha256').update(`${change.id} ${place} ${url}`).digest();
  const tail = Buffer.alloc(10);
  tail.writeUInt16BE(Math.min(Number(number), 0xffff), 0);
  tail.writeUInt8(place, 2);
  hash.copy(tail, 3, 0, 7);
  return encodeTime(Number(milliseconds), 10) + base32(tail);
}

/** Crockford's base 32 of ten bytes: 16 characters. */
function base32(bytes: Buffer): string {
  let value = BigInt(`0x${bytes.toString('hex')}`);
  let text = '';
  for (let index = 0; index < 16; index += 1) {
    text = alphabet.charAt(Number(value & 31n)) + text;
    value >>= 5n;
  }
  return text;
}
