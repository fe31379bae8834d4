import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { keyPrefix } from './keys.js';

const read = (name: string): string => readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), 'utf8');
const shared = read('shared');

/**
 * An atomic script of `scripts/`. Its one key is the common prefix; its first argument is a small JSON document, `input` in the script.
 * Absent values are left out of it: in Lua a JSON null would count as true. What it did to jobs is noted for webhooks at its end.
 */
export class Script {
  readonly #source: string;
  readonly #sha: string;

  constructor(name: string) {
    this.#source = `${shared}\nlocal function answer()\n${read(name)}\nend\nlocal reply = answer()\ntell_webhooks()\nreturn reply`;
    this.#sha = createHash('sha1').update(this.#source).digest('hex');
  }

  /**
   * Runs the script with the texts of records behind the document: they go as they are, since decoding them in Redis would hold up everybody.
   * Redis forgets scripts with a restart, so a script is sent whole when it is not known.
   */
  async run(redis: Redis, input: Readonly<Record<string, unknown>>, texts: readonly string[] = []): Promise<unknown> {
    const argument = JSON.stringify(input);
    try {
      return await redis.evalsha(this.#sha, 1, keyPrefix, argument, ...texts);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return redis.eval(this.#source, 1, keyPrefix, argument, ...texts);
    }
  }
}
