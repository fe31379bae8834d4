import type { IncomingMessage } from 'node:http';
import type { Request, RequestHandler } from 'express';
import type { AuditRecord } from '../../model/audit.js';
import { noTrail, type Trail } from '../auth/access.js';
import { knownCaller } from '../auth/caller.js';
import type { Context } from '../context.js';
import type { Operation } from '../operation.js';
import { pathOf, requestId } from './request-log.js';

const begun = new WeakMap<IncomingMessage, { readonly operation: Operation; readonly trail: Trail }>();

/** Notes which operation a request asks for; from here on its end can be recorded. */
export function beginAudit(operation: Operation): RequestHandler {
  return (request, _response, next) => {
    begun.set(request, { operation, trail: noTrail() });
    next();
  };
}

/** Where it is noted what a request is about. */
export function trailOf(request: IncomingMessage): Trail {
  return begun.get(request)?.trail ?? noTrail();
}

/**
 * Records how a request ended, before it is answered: what changes something, what is marked, and what was refused. Requests of nobody known go into the lines
 * alone, so that strangers cannot fill the store. A trail that cannot be written keeps no answer back: by then the request is done.
 */
export async function recordAudit({ store, audit, log }: Pick<Context, 'store' | 'audit' | 'log'>, request: Request, { status, code }: { status: number; code: string | null }): Promise<void> {
  const { operation, trail } = begun.get(request) ?? {};
  if (operation === undefined || trail === undefined || operation.access === 'everybody') return;
  const caller = knownCaller(request);
  const refused = status === 401 || status === 403 || trail.hidden;
  if (!refused && !(operation.audited ?? operation.method !== 'get')) return;
  const record: AuditRecord = {
    at: new Date().toISOString(),
    caller: caller === undefined ? null : { kind: caller.kind, id: caller.id, name: caller.name },
    operation: operation.id,
    method: request.method,
    path: pathOf(request).slice(0, 300),
    cluster: trail.cluster,
    owner: trail.owner,
    job: trail.job,
    ...(trail.access === undefined ? {} : { access: trail.access }),
    outcome: refused ? 'refused' : status < 400 ? 'done' : 'failed',
    status,
    code,
    address: request.ip ?? 'unknown',
    userAgent: request.headers['user-agent']?.slice(0, 200) ?? null,
    requestId: requestId(request),
  };
  audit.write(`${JSON.stringify(record)}\n`);
  // A store that has just not answered is not waited for again.
  if (caller === undefined || code === 'store-unavailable') return;
  await store.appendAudit(record, audit.keepDays).catch((error: unknown) => log.error({ err: error, requestId: record.requestId }, 'the audit trail could not be written; its line has been'));
}
