import type { ErrorRequestHandler } from 'express';
import type pino from 'pino';
import { pathOf } from './mount.js';
import { problemType, retryAfterSeconds, toProblem } from './problem.js';
import { requestId } from './request-log.js';

/** Turns every error into an answer, in one place. What is not ours is logged whole and answered without its text. */
export function answerProblems(log: pino.Logger): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const problem = toProblem(error, { path: pathOf(request), requestId: requestId(request) });
    if (problem.code === 'internal-error') log.error({ requestId: problem.requestId, err: error }, 'unexpected error while answering a request');
    if (response.headersSent || response.destroyed) {
      // The answer is under way: cutting the connection is the only way left to say that it is not whole.
      response.destroy();
      return;
    }
    const content = JSON.stringify(problem);
    const retryAfter = retryAfterSeconds(problem);
    response.status(problem.status);
    response.removeHeader('ETag');
    response.setHeader('Content-Type', problemType);
    response.setHeader('Content-Length', Buffer.byteLength(content));
    response.setHeader('Cache-Control', 'no-store');
    if (retryAfter !== undefined) response.setHeader('Retry-After', retryAfter);
    response.end(content);
  };
}
