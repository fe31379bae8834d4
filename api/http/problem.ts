import { z } from 'zod';
import { ClusterwrightError, errorCodes, errorRegistry, isClusterwrightError, type ErrorCode } from '../../model/errors.js';

/** An error as callers see it: RFC 9457, with members of our own behind the standard ones. */
export const problemSchema = z.strictObject({
  type: z.string().describe('`/problems/CODE`: stable, one for each code'),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe('What happened in this case'),
  instance: z.string().describe('Path of the request'),
  code: z.enum(errorCodes),
  hint: z.string().describe('What to do next'),
  retryable: z.boolean().describe('Whether the same request may succeed later'),
  requestId: z.string(),
  errors: z.array(z.strictObject({ pointer: z.string(), detail: z.string() })).optional().describe('Every fault of the document at once, with its JSON pointer'),
  job: z.string().optional().describe('Path of the job that stands in the way'),
}).meta({ id: 'Problem', description: 'Problem details (RFC 9457)' });
export type Problem = z.infer<typeof problemSchema>;

export const problemType = 'application/problem+json';

/** The stable URI of a code. */
export function problemUri(code: ErrorCode): string {
  return `/problems/${code}`;
}

/** All that a caller hears of an error inside the service: the error's own text could hold anything. */
const insideText = 'An unexpected error; the service\'s log has it under the request id.';

/** The problem that an error is to the caller. */
export function toProblem(error: unknown, request: { path: string; requestId: string }): Problem {
  const known = isClusterwrightError(error) ? error : fromLibrary(error);
  const { title, status, retryable } = errorRegistry[known.code];
  return {
    type: problemUri(known.code),
    title,
    status,
    detail: known.code === 'internal-error' ? insideText : known.message,
    instance: uriPath(request.path),
    code: known.code,
    hint: known.hint,
    retryable,
    requestId: request.requestId,
    ...(known.faults ? { errors: known.faults.map(({ pointer, detail }) => ({ pointer, detail })) } : {}),
    ...(known.job ? { job: known.job } : {}),
  };
}

/** Seconds after which a repetition makes sense, by status; none where it makes none. */
export function retryAfterSeconds(problem: Problem): number | undefined {
  if (!problem.retryable) return undefined;
  return problem.status === 503 ? 2 : problem.status === 409 ? 5 : undefined;
}

/** What body-parser and Express throw, by the `type` and `status` that they document. */
function fromLibrary(error: unknown): ClusterwrightError {
  const { type, status, limit } = z.object({ type: z.string(), status: z.number(), limit: z.number() }).partial().catch({}).parse(error);
  if (type === 'entity.too.large') return new ClusterwrightError('body-too-large', `The body has more than ${limit === undefined ? 'the allowed' : limit} bytes.`, { cause: error });
  if (type === 'encoding.unsupported') return new ClusterwrightError('unsupported-media-type', 'Compressed bodies are not accepted: send it without Content-Encoding.', { cause: error });
  if (type === 'request.aborted' || type === 'request.size.invalid') return new ClusterwrightError('malformed-json', 'The body did not arrive whole.', { cause: error });
  if (status === 400) return new ClusterwrightError('invalid-parameter', 'The path is not percent-encoded correctly.', { cause: error });
  return new ClusterwrightError('internal-error', insideText, { cause: error });
}

/** A path as a valid URI reference, whatever the caller sent. */
function uriPath(path: string): string {
  return path.slice(0, 1024).replace(/[^A-Za-z0-9._~!$&'()*+,;=:@/%-]/g, (character) => encodeURIComponent(character)).replace(/%(?![0-9A-Fa-f]{2})/g, '%25');
}
