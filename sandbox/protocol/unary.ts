import type { handleUnaryCall } from '@grpc/grpc-js';
import { toServiceError } from './errors.js';
import type { Secrecy } from './values.js';

/** What a handler gets besides the message. */
export interface CallContext {
  readonly peer: string;
  /** Aborted when nobody waits for the answer any more: the engine was killed, or took the call back. */
  readonly gone: AbortSignal;
  /** What was secret in the request, so that errors which carry properties keep it so. */
  secrecy: Secrecy | undefined;
}

/**
 * Wraps a promise-returning handler for gRPC. Everything thrown, at once or later, becomes a proper answer: a
 * synchronous throw in a bare handler would reach the user as "Unknown error".
 */
export function unary<Request, Response>(
  handle: (request: Request, context: CallContext) => Promise<Response> | Response,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const gone = new AbortController();
    call.once('cancelled', () => gone.abort(new Error('the engine has gone')));
    const context: CallContext = { peer: call.getPeer(), gone: gone.signal, secrecy: undefined };
    void (async () => handle(call.request, context))().then(
      (response) => callback(null, response),
      (error: unknown) => callback(toServiceError(error, context.secrecy)),
    );
  };
}
