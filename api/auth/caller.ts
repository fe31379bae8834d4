import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import { ClusterwrightError } from '../../model/errors.js';
import type { Caller } from '../../model/tenancy.js';
import type { SignIn } from './sign-in.js';

/** Who sent a request, or why nobody can be told. */
type Identity = { readonly caller: Caller } | { readonly refusal: unknown };

const identities = new WeakMap<IncomingMessage, Identity>();

/** Finds out once who sends a request. It refuses nobody: some operations are for everybody, and they do not ask. */
export function identify(signIn: SignIn): RequestHandler {
  return async (request, _response, next) => {
    identities.set(request, await signIn.callerOf(request.headers.authorization).then((caller) => ({ caller }), (refusal: unknown) => ({ refusal })));
    next();
  };
}

/** Who sent the request. Throws why nobody can be told. */
export function callerOf(request: IncomingMessage): Caller {
  const identity = identities.get(request);
  if (identity === undefined) throw new ClusterwrightError('unauthenticated', 'Nobody has looked at who sends the request.');
  if ('refusal' in identity) throw identity.refusal;
  return identity.caller;
}

/** Who sent the request, where that can be told. */
export function knownCaller(request: IncomingMessage): Caller | undefined {
  const identity = identities.get(request);
  return identity !== undefined && 'caller' in identity ? identity.caller : undefined;
}
