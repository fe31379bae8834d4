import type { ServerResponse } from 'node:http';
import type { AuditRecord } from '../../model/audit.js';

/** An answer: a whole body, or a function that streams one. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: { readonly type: string; readonly content: string | Buffer };
  /** What the request has made, for the audit trail: a job, with its cluster and owner, and what it does to temporary access. */
  readonly concerns?: Pick<AuditRecord, 'cluster' | 'owner' | 'job' | 'access'>;
  /** Called after the headers are set and sent; resolves when the stream has ended. */
  readonly stream?: (response: ServerResponse) => Promise<void>;
}

export const jsonType = 'application/json; charset=utf-8';

/** An answer in JSON. */
export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers, body: { type: jsonType, content: JSON.stringify(value) } };
}

/** Sends an answer. To HEAD it sends the same headers and no body; node leaves the body out by itself. */
export async function send(response: ServerResponse, reply: Reply): Promise<void> {
  response.statusCode = reply.status;
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
  if (!response.hasHeader('Cache-Control')) response.setHeader('Cache-Control', 'no-store');
  if (reply.stream) {
    if (response.req.method === 'HEAD') response.end();
    else await reply.stream(response);
    return;
  }
  if (!reply.body) {
    response.end();
    return;
  }
  response.setHeader('Content-Type', reply.body.type);
  response.setHeader('Content-Length', Buffer.byteLength(reply.body.content));
  response.end(reply.body.content);
}
