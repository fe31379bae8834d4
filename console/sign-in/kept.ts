/** What outlives a reload of the tab, and ends with it. */

const sessionKey = 'clusterwright.session';
const requestKey = 'clusterwright.sign-in';

/** Who is signed in, and what renews it. */
export interface KeptSession {
  readonly name: string;
  readonly refreshToken?: string | undefined;
  /** Names the session to Entra when it is ended. */
  readonly idToken?: string | undefined;
}

/** A sign-in under way: what the answer is held against, and where the console was. */
export interface KeptRequest {
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string;
  readonly hash: string;
}

/** Who is signed in, from before a reload. */
export function kept(): KeptSession | undefined {
  return read(sessionKey, ['name']) as KeptSession | undefined;
}

/** Keeps who is signed in. */
export function keep(session: KeptSession): void {
  sessionStorage.setItem(sessionKey, JSON.stringify(session));
}

/** Forgets who is signed in. */
export function forget(): void {
  sessionStorage.removeItem(sessionKey);
}

/** Keeps a sign-in that is begun. */
export function keepRequest(request: KeptRequest): void {
  sessionStorage.setItem(requestKey, JSON.stringify(request));
}

/** The sign-in that was begun, once: an answer is good for one. */
export function keptRequest(): KeptRequest | undefined {
  const request = read(requestKey, ['verifier', 'state', 'nonce', 'hash']) as KeptRequest | undefined;
  sessionStorage.removeItem(requestKey);
  return request;
}

function read(key: string, members: readonly string[]): unknown {
  const text = sessionStorage.getItem(key);
  if (text === null) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && members.every((member) => typeof (value as Record<string, unknown>)[member] === 'string') ? value : undefined;
  } catch {
    return undefined;
  }
}
