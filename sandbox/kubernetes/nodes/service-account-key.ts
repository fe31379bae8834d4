import { z } from 'zod';
import type { FollowedKey } from '../../../model/service-account-key.js';

/** What the secret store has of a simulated cluster, which signs no tokens: names instead of keys, and since when, in milliseconds of the sandbox's clock, the first one signs. */
const stateSchema = z.strictObject({ public: z.array(z.string()).min(1).max(2), private: z.array(z.string()).min(1).max(2), since: z.number() });
type State = z.infer<typeof stateSchema>;

/** Arguments of a step, as `orders/service-account-key.sh` has them. */
const wordsSchema = z.tuple([z.enum(['add', 'sign', 'drop', 'publish', 'tokens', 'follow'])]);

/** What the secret store has after a step, and what the step answers. Throws where it comes too early, as the script does. */
export function serviceAccountKeyStep(words: readonly string[], content: string | undefined, now: number, initialisedAt: number): { readonly content: string; readonly answer: FollowedKey | readonly string[] | null } {
  const [word] = wordsSchema.parse(words);
  const before = content === undefined ? { public: ['key1'], private: ['key1'], since: initialisedAt } : stateSchema.parse(JSON.parse(content));
  const after = changed(word, before, now);
  return { content: JSON.stringify(after), answer: word === 'follow' ? followed(after) : word === 'tokens' ? [] : null };
}

function changed(word: z.infer<typeof wordsSchema>[0], state: State, now: number): State {
  const [first = '', second] = state.public;
  switch (word) {
    case 'add': {
      const added = second ?? `key${now}`;
      return second === undefined ? { ...state, public: [first, added], private: [first, added] } : state;
    }
    case 'sign':
      if (second === undefined) throw new Error('there is no new key');
      return state.private.length === 1 ? state : { public: [second, first], private: [second], since: now };
    case 'drop':
      if (state.private.length > 1) throw new Error('the old key signs still');
      return { ...state, public: [first] };
    case 'publish': case 'tokens': case 'follow':
      return state;
  }
}

function followed({ public: { length: trusted }, private: { length: signing }, since }: State): FollowedKey {
  return { stage: signing > 1 ? 'trusted' : trusted > 1 ? 'signs' : 'alone', since: new Date(since).toISOString() };
}
