const answerWithinMs = 60_000;

/** `fetch` that gives up on a service that takes a request and does not begin to answer it. Streams may last as long as they like. */
export const boundedFetch: typeof globalThis.fetch = async (input, init) => {
  if (!(input instanceof Request)) return globalThis.fetch(input, init);
  const end = new AbortController();
  const timer = setTimeout(() => end.abort(new Error(`no answer within ${answerWithinMs / 1000} seconds`)), answerWithinMs);
  const stop = (): void => end.abort(input.signal.reason);
  input.signal.addEventListener('abort', stop, { once: true });
  try {
    return await globalThis.fetch(input, { ...init, signal: end.signal });
  } finally {
    clearTimeout(timer);
  }
};
