import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { ClusterwrightError, errorRegistry, type ErrorCode } from '../model/errors.js';
import type { Json } from '../model/merge-patch.js';
import { nobody, type Caller } from '../model/tenancy.js';
import { admit, type Access, type Found, type Trail } from './auth/access.js';
import { callerOf } from './auth/caller.js';
import type { Context } from './context.js';
import { parseHeaders, parseQuery } from './http/parameters.js';
import type { Reply } from './http/reply.js';

export const methods = ['get', 'post', 'patch', 'delete'] as const;
export type Method = (typeof methods)[number];

/** Groups of operations in the docs. */
export const tags = ['Clusters', 'Jobs', 'Templates', 'Audit', 'Service'] as const;

/** A request as it comes in, before anything of it is believed. */
export interface RawCall {
  readonly requestId: string;
  readonly path: string;
  readonly params: Readonly<Record<string, string | readonly string[]>>;
  /** What stands behind the question mark. */
  readonly search: string;
  readonly body: Json;
  readonly request: IncomingMessage;
  /** The media type of those offered that the caller likes best, or undefined. */
  readonly preferred: (offered: readonly string[]) => string | undefined;
  /** Where it is noted what the request is about. */
  readonly trail: Trail;
}

/** A request whose parameters have passed their schemas. */
export interface Call<P, Q, H> extends Pick<RawCall, 'requestId' | 'path' | 'search' | 'body' | 'request' | 'preferred'> {
  readonly params: P;
  readonly query: Q;
  readonly headers: H;
  /** Who asks; of an operation for everybody, whoever it is. */
  readonly caller: Caller;
  /** What was looked up to let the caller in. A change reads it again, since it has to be made on what is there then. */
  readonly found: Found;
}

/** What the docs say of a successful answer. */
export interface ResponseDoc {
  readonly description: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Schema of the body by media type; none where there is no body. */
  readonly content?: Readonly<Record<string, z.ZodType>>;
}

/** The body that an operation takes. */
export interface BodyDoc {
  readonly mediaType: string;
  readonly description: string;
  /** What describes it: a schema, or the name of a component that is derived from the cluster spec. */
  readonly schema: 'ClusterRequest' | 'ClusterPatch' | z.ZodType;
  /** It may be left out; the call's body is `{}` then. */
  readonly optional?: boolean;
}

interface Description {
  readonly method: Method;
  /** In OpenAPI's form: `/clusters/{name}`. */
  readonly path: string;
  readonly id: string;
  readonly tag: (typeof tags)[number];
  readonly summary: string;
  readonly description?: string;
  readonly body?: BodyDoc;
  /** Whom it is for. */
  readonly access: Access;
  /** Whether it stands in the audit trail when it went well; otherwise what changes something does. What was refused always does. */
  readonly audited?: boolean;
  /** By status. */
  readonly responses: Readonly<Record<number, ResponseDoc>>;
  /** Errors of this operation, beside those that each operation can have. */
  readonly problems?: readonly ErrorCode[];
  /** Left out of the docs: parts of the docs themselves. */
  readonly hidden?: boolean;
}

/** One method on one path: what routes it, checks it, answers it and describes it. */
export interface Operation extends Description {
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly headers: z.ZodObject;
  answer(call: RawCall, context: Context): Promise<Reply>;
}

const nothing = z.strictObject({});
const noHeaders = z.object({});

/**
 * Defines an operation. The schemas that check a request are those in the docs: an unknown query parameter is `invalid-parameter`; a path parameter
 * that cannot name anything is answered with `missing`.
 */
export function operation<P extends z.ZodObject = typeof nothing, Q extends z.ZodObject = typeof nothing, H extends z.ZodObject = typeof noHeaders>(
  definition: Description & {
    readonly params?: P;
    readonly query?: Q;
    readonly headers?: H;
    readonly missing?: ErrorCode;
    readonly handle: (call: Call<z.output<P>, z.output<Q>, z.output<H>>, context: Context) => Promise<Reply> | Reply;
  },
): Operation {
  const { handle, missing = 'not-found', ...description } = definition;
  const problems = definition.params ? [...new Set([...(definition.problems ?? []), missing])] : definition.problems;
  const schemas = { params: definition.params ?? nothing, query: definition.query ?? nothing, headers: definition.headers ?? noHeaders };
  return {
    ...description,
    ...schemas,
    problems,
    async answer(raw, context) {
      const params = schemas.params.safeParse(raw.params);
      if (!params.success) throw new ClusterwrightError(missing, `${errorRegistry[missing].title}: the path names nothing that can exist.`);
      const { caller, found } = await admitted(definition.access, raw, params.data, context);
      return handle({
        caller, found, requestId: raw.requestId, path: raw.path, search: raw.search, body: raw.body, request: raw.request, preferred: raw.preferred,
        params: params.data as z.output<P>,
        query: parseQuery(raw.search, schemas.query) as z.output<Q>,
        headers: parseHeaders(raw.request, schemas.headers) as z.output<H>,
      }, context);
    },
  };
}

/** Who asks, let in, with what was looked up for it. */
async function admitted(access: Access, { request, trail }: RawCall, params: Readonly<Record<string, unknown>>, { store }: Context): Promise<Pick<Call<unknown, unknown, unknown>, 'caller' | 'found'>> {
  if (access === 'everybody') return { caller: nobody, found: {} };
  const caller = callerOf(request);
  return { caller, found: await admit(access, caller, params, store, trail) };
}
