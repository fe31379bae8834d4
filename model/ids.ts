import { randomInt } from 'node:crypto';
import { ulid } from 'ulid';

/** A new job id: a ULID, so that ids sort by the time of creation. */
export function newJobId(): string {
  return ulid();
}

const letters = 'abcdefghijklmnopqrstuvwxyz';
const alphabet = `${letters}0123456789`;

/** A new cluster uid: 12 characters, the first a letter. */
export function newUid(): string {
  return letters.charAt(randomInt(letters.length)) + Array.from({ length: 11 }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
}
