import type { Application, Request, RequestHandler, Response } from 'express';
import { ClusterwrightError } from '../../model/errors.js';
import type { Json } from '../../model/merge-patch.js';
import { callerOf } from '../auth/caller.js';
import type { Context } from '../context.js';
import { routeOf } from '../metrics/request-time.js';
import type { BodyDoc, Operation } from '../operation.js';
import { beginAudit, recordAudit, trailOf } from './audit.js';
import { checkMediaType, parseJson, readBody } from './body.js';
import { send } from './reply.js';
import { pathOf, requestId } from './request-log.js';

/** Puts operations on their paths; a known path answers all other methods with 405 and `Allow`. Who has not signed in is refused before a body is read. */
export function mount(app: Application, operations: readonly Operation[], context: Context, limitChanges: RequestHandler): void {
  for (const path of new Set(operations.map((operation) => operation.path))) {
    const onPath = operations.filter((operation) => operation.path === path);
    const route = app.route(path.replaceAll(/\{(\w+)\}/g, ':$1'));
    route.all((_request, response, next) => {
      routeOf.set(response, path);
      next();
    });
    for (const operation of onPath) {
      const before = [beginAudit(operation), ...(operation.access === 'everybody' ? [] : [requireSignedIn]), limitChanges];
      const body = operation.body ? [requireMediaType(operation.body), readBody(context.limits.bodyBytes)] : [];
      route[operation.method](...before, ...body, answerWith(operation, context));
    }
    route.all(otherMethods(onPath));
  }
}

function answerWith(operation: Operation, context: Context): RequestHandler {
  return async (request, response) => {
    const reply = await operation.answer({
      requestId: requestId(request),
      path: pathOf(request),
      search: request.url.includes('?') ? request.url.slice(request.url.indexOf('?') + 1) : '',
      params: request.params,
      body: operation.body ? bodyOf(request, operation.body) : null,
      request,
      trail: trailOf(request),
      preferred: (offered) => request.accepts([...offered]) || undefined,
    }, context);
    Object.assign(trailOf(request), reply.concerns);
    await recordAudit(context, request, { status: reply.status, code: null });
    await send(response, reply);
  };
}

const requireSignedIn: RequestHandler = (request, _response, next) => {
  callerOf(request);
  next();
};

function bodyOf(request: Request, { optional = false }: BodyDoc): Json {
  return optional && !hasBody(request) ? {} : parseJson(request.body);
}

/** Whether a request carries a body: it says how long one is, or that it comes in chunks (RFC 9112, 6.3). */
function hasBody({ headers }: Pick<Request, 'headers'>): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

function requireMediaType({ mediaType, optional = false }: BodyDoc): RequestHandler {
  return (request, response, next) => {
    if (optional && !hasBody(request)) return next();
    // What would have been accepted (RFC 5789, 2.2 and RFC 9110, 12.5.1).
    response.setHeader(request.method === 'PATCH' ? 'Accept-Patch' : 'Accept', mediaType);
    checkMediaType(request.headers['content-type'], mediaType);
    response.removeHeader('Accept');
    next();
  };
}

function otherMethods(onPath: readonly Operation[]): RequestHandler {
  const named = onPath.flatMap((operation) => (operation.method === 'get' ? ['GET', 'HEAD'] : [operation.method.toUpperCase()]));
  const allow = [...named, 'OPTIONS'].join(', ');
  return (request: Request, response: Response) => {
    response.setHeader('Allow', allow);
    if (request.method !== 'OPTIONS') throw new ClusterwrightError('method-not-allowed', `${request.method} is not allowed here; allowed are ${allow}.`);
    response.status(204).end();
  };
}

/** Answers what no route has answered. */
export const nothingHere: RequestHandler = (request) => {
  throw new ClusterwrightError('not-found', `There is nothing at ${request.method} of this path.`);
};
