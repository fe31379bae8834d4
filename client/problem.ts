/** A fault of a document that was sent. */
export interface Fault {
  /** JSON pointer into the document; empty for the whole of it. */
  readonly pointer: string;
  readonly detail: string;
}

/** An answer that is not what was asked for: problem details (RFC 9457), or what a proxy in between said instead. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  /** Stable, one of the service's codes; `unknown` when something else than the service answered. */
  readonly code: string;
  readonly title: string;
  /** What happened in this case. */
  readonly detail: string;
  /** What to do next, or empty. */
  readonly hint: string;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** Every fault of the document at once. */
  readonly errors: readonly Fault[];
  /** Id of the job that stands in the way. */
  readonly job: string | undefined;
  readonly requestId: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  /** @param body the answer's body, whatever it is */
  constructor(response: Response, body: unknown) {
    const members = isRecord(body) ? body : {};
    const title = text(members['title']) ?? (response.statusText || `Status ${response.status}`);
    const detail = text(members['detail']) ?? `${new URL(response.url || 'http://service/').pathname} was answered with ${response.status}, and not by the service.`;
    super(`${title}: ${detail}`);
    this.status = response.status;
    this.code = text(members['code']) ?? 'unknown';
    this.title = title;
    this.detail = detail;
    this.hint = text(members['hint']) ?? '';
    this.retryable = members['retryable'] === true;
    this.errors = Array.isArray(members['errors']) ? members['errors'].filter(isFault) : [];
    this.job = text(members['job'])?.split('/').at(-1);
    this.requestId = text(members['requestId']);
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
    this.retryAfterSeconds = Number.isFinite(seconds) ? seconds : undefined;
  }
}

/** The service did not answer at all. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';

  constructor(url: string, cause: unknown) {
    const reason = cause instanceof Error ? deepest(cause).message : '';
    super(`${url} does not answer${reason ? `: ${reason}` : ''}`, { cause });
  }
}

/** `fetch` says only that it failed; its cause says why. */
function deepest(error: Error): Error {
  return error.cause instanceof Error ? deepest(error.cause) : error;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isFault(value: unknown): value is Fault {
  return isRecord(value) && typeof value['pointer'] === 'string' && typeof value['detail'] === 'string';
}
