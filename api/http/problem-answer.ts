import type { ErrorRequestHandler } from 'express';
import type { Context } from '../context.js';
import { recordAudit } from './audit.js';
import { problemType, retryAfterSeconds, toProblem } from './problem.js';
import { pathOf, requestId } from './request-log.js';

/** Turns every error into an answer, in one place. What is not ours is logged whole and answered without its text. */
export function answerProblems(context: Context): ErrorRequestHandler {
  const { log } = context;
  return async (error: unknown, request, response, _next) => {
    const problem = toProblem(error, { path: pathOf(request), requestId: requestId(request) });
    if (problem.code === 'internal-error') log.error({ requestId: problem.requestId, err: error }, 'unexpected error while answering a request');
    if (response.headersSent || response.destroyed) {
      // The answer is under way: cutting the connection is the only way left to say that it is not whole.
      response.destroy();
      return;
    }
    await recordAudit(context, request, { status: problem.status, code: problem.code });
    const content = JSON.stringify(problem);
    const retryAfter = retryAfterSeconds(problem);
    response.status(problem.status);
    response.removeHeader('ETag');
    response.setHeader('Content-Type', problemType);
    response.setHeader('Content-Length', Buffer.byteLength(content));
    response.setHeader('Cache-Control', 'no-store');
    // RFC 6750, 3: the error is told only of a token that came.
    if (problem.status === 401) response.setHeader('WWW-Authenticate', request.headers.authorization === undefined ? 'Bearer' : 'Bearer error="invalid_token"');
    if (retryAfter !== undefined) response.setHeader('Retry-After', retryAfter);
    response.end(content);
  };
}
