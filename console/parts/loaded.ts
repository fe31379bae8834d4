import { useEffect, useState } from 'preact/hooks';

/** Something that is read from the service. While it is read again, what was read before stays. */
export interface Loaded<T> {
  readonly value: T | undefined;
  /** Why the last look failed; `value` may still be there from before. */
  readonly error: unknown;
  readonly again: () => void;
}

/**
 * Reads something, and again when an input changes, when asked to, and every so often while the page is looked at.
 * @param inputs what `load` depends on
 * @param everyMs milliseconds between an answer and the next look; without it one look is enough
 */
export function useLoaded<T>(load: (signal: AbortSignal) => Promise<T>, inputs: readonly unknown[], everyMs?: number): Loaded<T> {
  const [state, setState] = useState<{ readonly value?: T; readonly error?: unknown }>({});
  const [round, setRound] = useState(0);
  useEffect(() => {
    const over = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async (): Promise<void> => {
      try {
        const value = await load(over.signal);
        if (!over.signal.aborted) setState({ value });
      } catch (error) {
        if (!over.signal.aborted) setState((before) => ({ ...before, error }));
      }
      later();
    };
    const later = (): void => {
      if (everyMs === undefined || over.signal.aborted) return;
      timer = setTimeout(() => (document.hidden ? later() : void look()), everyMs);
    };
    void look();
    return () => {
      over.abort();
      clearTimeout(timer);
    };
  }, [...inputs, everyMs, round]);
  return { value: state.value, error: state.error, again: () => setRound((before) => before + 1) };
}
