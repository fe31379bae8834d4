import type { TryVerdict } from '../../store/webhooks.js';
import type { TryError } from '../../model/webhook-delivery.js';

/** What came of sending a delivery once. */
export interface Answer {
  /** The receiver's status, or null where there was none. */
  readonly status: number | null;
  readonly error: TryError | null;
  /** How long the receiver asked to be left alone, in milliseconds. */
  readonly retryAfterMs?: number;
}

/** How tries follow each other. */
export interface RetryPolicy {
  /** Tries of a round before it is given up. */
  readonly tries: number;
  /** Tries where the receiver says that the request is wrong: it may be a release that is being rolled out, seldom more. */
  readonly triesRefused: number;
  /** The first wait in milliseconds, and by what each further one is longer. */
  readonly firstMs: number;
  readonly factor: number;
  /** By which part of itself a wait is longer or shorter, at random. */
  readonly jitter: number;
  /** The longest wait, in milliseconds, whatever the receiver asks for. */
  readonly longestMs: number;
}

/** 12 tries over about 22 hours: after 5 s, 13 s, 31 s, … , the last waits being 5 and 13 hours. */
export const defaultRetryPolicy: RetryPolicy = { tries: 12, triesRefused: 3, firstMs: 5_000, factor: 2.5, jitter: 0.2, longestMs: 24 * 3_600_000 };

/** What follows from an answer to the `number`th try (from 1) of a round. */
export function verdictOf(answer: Answer, number: number, policy: RetryPolicy, random: () => number = Math.random): TryVerdict {
  const most = triesFor(answer, policy);
  if (most === 'delivered') return { state: 'delivered' };
  if (number >= most) return { state: 'given-up' };
  const wait = policy.firstMs * policy.factor ** (number - 1) * (1 + policy.jitter * (2 * random() - 1));
  return { state: 'pending', waitMs: Math.min(policy.longestMs, Math.max(wait, answer.retryAfterMs ?? 0)) };
}

function triesFor({ status, error }: Answer, { tries, triesRefused }: RetryPolicy): number | 'delivered' {
  // A target that must not be dialled is not asked for again by itself.
  if (error === 'refused-address') return 0;
  if (status === null) return tries;
  if (status >= 200 && status < 300) return 'delivered';
  // Gone for good (RFC 9110, 15.5.11).
  if (status === 410) return 0;
  if (status === 408 || status === 429 || status >= 500) return tries;
  // Redirections are not followed: an address that has moved is as wrong as one that refuses.
  return triesRefused;
}

/** `Retry-After` in milliseconds from `now`, where it can be read (RFC 9110, 10.2.3). */
export function retryAfter(header: string | undefined, now: Date): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1_000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime());
}
