import { exitCodes } from '../exit-codes.js';
import { CommandFailure } from '../failure.js';
import { refuseInTheClear, secret, variable, type Environment } from '../settings.js';
import { byClientCredentials, byRefreshToken, registrationFrom, type Tokens } from './entra.js';
import { KeptSignIns, type SignIn } from './kept.js';

/** A token is renewed this long before its end. */
const marginMs = 60_000;

/** A sign-in as it is kept. */
export function signInOf(registration: SignIn['registration'], { accessToken, refreshToken, expiresIn, user }: Tokens, now: number): SignIn {
  return { registration, accessToken, expiresAt: now + expiresIn * 1000, ...(refreshToken === undefined ? {} : { refreshToken }), ...(user === undefined ? {} : { user }) };
}

/**
 * Gives tokens for a service, each good for a minute at least, or undefined where nobody has signed in. In this order: `CLUSTERWRIGHT_TOKEN`; a token of the application
 * `CLUSTERWRIGHT_CLIENT_ID`, where its secret is in the environment; the sign-in that `login` kept for this service.
 */
export function tokenSource(url: string, environment: Environment): () => Promise<string | undefined> {
  let current: { readonly token: string; readonly until: number } | undefined;
  return async () => {
    if (current !== undefined && current.until > Date.now()) return current.token;
    current = await freshToken(url, environment);
    if (current !== undefined) refuseInTheClear(url, 'A token');
    return current?.token;
  };
}

async function freshToken(url: string, environment: Environment): Promise<{ token: string; until: number } | undefined> {
  const given = variable(environment, 'CLUSTERWRIGHT_TOKEN');
  if (given !== undefined) return { token: given, until: Number.POSITIVE_INFINITY };
  const clientSecret = await secret(environment, 'CLUSTERWRIGHT_CLIENT_SECRET');
  if (clientSecret !== undefined) {
    const { accessToken, expiresIn } = await byClientCredentials(registrationFrom({}, environment), clientSecret);
    return { token: accessToken, until: Date.now() + expiresIn * 1000 - marginMs };
  }
  const kept = new KeptSignIns(environment);
  const signIn = await kept.of(url);
  if (signIn === undefined) return undefined;
  const { accessToken, expiresAt } = expiresSoon(signIn) ? await renewed(kept, url, signIn) : signIn;
  return { token: accessToken, until: expiresAt - marginMs };
}

function expiresSoon({ expiresAt }: SignIn): boolean {
  return expiresAt - marginMs <= Date.now();
}

async function renewed(kept: KeptSignIns, url: string, { registration, refreshToken, user }: SignIn): Promise<SignIn> {
  const again = `Sign in again with: clusterwright login --url ${url}`;
  if (refreshToken === undefined) throw new CommandFailure(exitCodes.forbidden, 'The sign-in has ended.', again);
  try {
    const tokens = await byRefreshToken(registration, refreshToken);
    const signIn = signInOf(registration, { ...tokens, refreshToken: tokens.refreshToken ?? refreshToken, user: tokens.user ?? user }, Date.now());
    await kept.keep(url, signIn);
    return signIn;
  } catch (error) {
    // Another command may have renewed it at the same time.
    const now = await kept.of(url);
    if (now !== undefined && !expiresSoon(now)) return now;
    if (error instanceof CommandFailure && error.exitCode === exitCodes.forbidden) throw new CommandFailure(error.exitCode, error.message, again);
    throw error;
  }
}
