import { randomBytes } from 'node:crypto';
import { z } from 'zod';

/** Arguments of a step, as `orders/encryption-key.sh` has them. */
const wordsSchema = z.union([
  z.tuple([z.enum(['add', 'first', 'rewrite', 'only']), z.string()]),
  z.tuple([z.literal('follow'), z.string(), z.enum(['among', 'first', 'only'])]),
]);

/**
 * What the secret store has after a step of a rotation, a line per key. Throws where a key is asked for that is not where it has to be: there is no API server here that could not read what another has written, and this is
 * what would keep one from it.
 */
export function keysAfter(words: readonly string[], content: string): string {
  const [step, key, place] = wordsSchema.parse(words);
  const lines = content.split('\n').filter((line) => line !== '').map((line) => (line.includes(':') ? line : `key1:${line}`));
  const own = lines.filter((line) => line.startsWith(`${key}:`));
  const others = lines.filter((line) => !line.startsWith(`${key}:`));
  if (step === 'add') return (own.length > 0 ? lines : [...lines, `${key}:${randomBytes(32).toString('base64')}`]).join('\n');
  const isFirst = lines[0]?.startsWith(`${key}:`) ?? false;
  if (own.length === 0 || ((step === 'rewrite' || place === 'first') && !isFirst) || (place === 'only' && others.length > 0)) throw new Error(`the key ${key} is not where it has to be`);
  switch (step) {
    case 'first': return [...own, ...others].join('\n');
    case 'only': return own.join('\n');
    case 'rewrite': case 'follow': return lines.join('\n');
  }
}
