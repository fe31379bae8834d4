import { randomBytes, randomInt } from 'node:crypto';
import { ulid } from 'ulid';

/** A new job id: a ULID, so that ids sort by the time of creation. */
export function newJobId(): string {
  return ulid(undefined, random);
}

/** Random numbers in bulk: the library asks for one at a time, and each call to the system would cost more than all the rest of an id. */
let pool = randomBytes(4096);
let used = 0;

function random(): number {
  if (used + 4 > pool.length) {
    pool = randomBytes(4096);
    used = 0;
  }
  const value = pool.readUInt32LE(used) / 2 ** 32;
  used += 4;
  return value;
}

const letters = 'abcdefghijklmnopqrstuvwxyz';
const alphabet = `${letters}0123456789`;

/** A new cluster uid: 12 characters, the first a letter. */
export function newUid(): string {
  return letters.charAt(randomInt(letters.length)) + Array.from({ length: 11 }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
}
