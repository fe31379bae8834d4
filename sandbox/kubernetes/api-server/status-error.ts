import type { JsonRecord } from '../json.js';

/** One cause in a Status: which field, what is wrong with it. */
export interface StatusCause {
  reason: string;
  message: string;
  field?: string;
}

/** Which object a Status is about. */
export interface StatusTarget {
  group?: string;
  plural: string;
  name?: string;
}

/** An error that the API server answers as a `Status` object, with the wording of the real one. */
export class StatusError extends Error {
  override readonly name = 'StatusError';

  constructor(
    /** HTTP status. */
    readonly code: number,
    /** Machine-readable reason, such as `NotFound`. */
    readonly reason: string,
    message: string,
    readonly target?: StatusTarget,
    readonly causes: readonly StatusCause[] = [],
  ) {
    super(message);
  }

  /** The body of the answer. */
  toStatus(): JsonRecord {
    const details = this.target === undefined && this.causes.length === 0 ? undefined : {
      ...(this.target?.name === undefined ? {} : { name: this.target.name }),
      ...(this.target?.group === undefined || this.target.group === '' ? {} : { group: this.target.group }),
      ...(this.target === undefined ? {} : { kind: this.target.plural }),
      ...(this.causes.length === 0 ? {} : { causes: this.causes }),
    };
    return {
      kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: this.message, reason: this.reason,
      ...(details === undefined ? {} : { details }), code: this.code,
    };
  }
}

const resource = (target: StatusTarget): string => (target.group ? `${target.plural}.${target.group}` : target.plural);

/** 404: the object is not there. */
export function notFound(target: StatusTarget): StatusError {
  return new StatusError(404, 'NotFound', `${resource(target)} "${target.name ?? ''}" not found`, target);
}

/** 404: nothing is served at this path. */
export function noSuchResource(): StatusError {
  return new StatusError(404, 'NotFound', 'the server could not find the requested resource');
}

/** 409: an object of this name exists. */
export function alreadyExists(target: StatusTarget): StatusError {
  return new StatusError(409, 'AlreadyExists', `${resource(target)} "${target.name ?? ''}" already exists`, target);
}

/** 409: the object has changed since it was read, or a precondition does not hold. */
export function conflict(target: StatusTarget, why: string): StatusError {
  return new StatusError(409, 'Conflict', `Operation cannot be fulfilled on ${resource(target)} "${target.name ?? ''}": ${why}`, target);
}

/** 422: the object is not valid; every fault is a cause. */
export function invalid(kind: string, target: StatusTarget, faults: readonly { field: string; message: string }[]): StatusError {
  const text = faults.map(({ field, message }) => `${field}: ${message}`);
  return new StatusError(422, 'Invalid', `${kind}${target.group ? `.${target.group}` : ''} "${target.name ?? ''}" is invalid: ${text.length === 1 ? text[0] : `[${text.join(', ')}]`}`,
    target, faults.map(({ field, message }) => ({ reason: 'FieldValueInvalid', message, field })));
}

/** 400: the request makes no sense. */
export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message);
}

/** 403: the caller is known but may not do this, or the namespace is going away. */
export function forbidden(target: StatusTarget, why: string, causes: readonly StatusCause[] = []): StatusError {
  return new StatusError(403, 'Forbidden', `${resource(target)}${target.name === undefined ? '' : ` "${target.name}"`} is forbidden: ${why}`, target, causes);
}

/** 405: the path exists, the method does not, or is not simulated. */
export function methodNotAllowed(message: string): StatusError {
  return new StatusError(405, 'MethodNotAllowed', message);
}

/** 415: a patch or body format that is not served. */
export function unsupportedMediaType(message: string): StatusError {
  return new StatusError(415, 'UnsupportedMediaType', message);
}
