import type { RequestHandler } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import { ClusterwrightError } from '../../model/errors.js';
import { knownCaller } from '../auth/caller.js';

const reading = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Limits requests that ask for a change, by minute and caller; of those who have not signed in, by address. Reads are free: a caller polls its jobs. */
export function limitWrites(perMinute: number): RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit: perMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    identifier: 'writes',
    keyGenerator: (request) => {
      const caller = knownCaller(request);
      return caller === undefined || caller.kind === 'anonymous' ? ipKeyGenerator(request.ip ?? 'unknown') : caller.id;
    },
    skip: (request) => reading.has(request.method),
    // The library has set Retry-After.
    handler: (_request, _response, next) => next(new ClusterwrightError('rate-limited', `More than ${perMinute} changes a minute were asked for by this caller.`)),
  });
}
