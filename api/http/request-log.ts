import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Request, RequestHandler } from 'express';
import type pino from 'pino';
import { pinoHttp } from 'pino-http';

const sane = /^[A-Za-z0-9._:-]{1,64}$/;

/**
 * Gives each request an id (the caller's `X-Request-Id` where it is sane), echoes it, and logs one line when the answer is out: no
 * header, body or query of a request, since those can hold secrets. Reads that went well are logged as `debug`: callers poll.
 */
export function logRequests(log: pino.Logger): RequestHandler {
  return pinoHttp({
    logger: log,
    genReqId(request: IncomingMessage, response: ServerResponse) {
      const given = request.headers['x-request-id'];
      const id = typeof given === 'string' && sane.test(given) ? given : randomUUID();
      response.setHeader('X-Request-Id', id);
      return id;
    },
    quietReqLogger: true,
    customAttributeKeys: { reqId: 'requestId', responseTime: 'durationMs' },
    wrapSerializers: false,
    serializers: {
      req: (request: IncomingMessage) => ({ method: request.method, path: request.url?.split('?', 1)[0] }),
      res: (response: ServerResponse) => ({ status: response.statusCode }),
    },
    customLogLevel(request, response, error) {
      if (response.statusCode === 503) return 'warn';
      if (error || response.statusCode >= 500) return 'error';
      return request.method === 'GET' || request.method === 'HEAD' ? 'debug' : 'info';
    },
    customSuccessMessage: (_request, response) => (response.writableFinished ? 'answered' : 'the caller left before the answer'),
    customErrorMessage: () => 'answered with an error',
  });
}

/** The id that the request was given. */
export function requestId(request: IncomingMessage): string {
  return typeof request.id === 'string' ? request.id : randomUUID();
}

/** Path of a request, as it was sent and without the query. */
export function pathOf(request: Pick<Request, 'originalUrl'>): string {
  return request.originalUrl.split('?', 1)[0] ?? '/';
}
