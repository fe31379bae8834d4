import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';

/** Something that is asked of the service by a button. */
export interface Action {
  readonly run: () => void;
  readonly busy: boolean;
  /** Why it failed the last time. */
  readonly error: unknown;
}

/** An action that runs once at a time: a second click, or Enter held down, while it runs does nothing. */
export function useAction(act: () => Promise<void>): Action {
  const running = useRef(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const run = async (): Promise<void> => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setError(undefined);
    try {
      await act();
    } catch (problem) {
      setError(problem);
    } finally {
      running.current = false;
      setBusy(false);
    }
  };
  return { run: () => void run(), busy, error };
}

/** A button for an action. It keeps the focus while it is busy, which a disabled one would lose. */
export function ActionButton({ action, kind = 'plain', submits = false, unavailable = false, children }: {
  readonly action: Action; readonly kind?: 'plain' | 'primary' | 'danger'; readonly submits?: boolean; readonly unavailable?: boolean; readonly children: ComponentChildren;
}) {
  const stopped = action.busy || unavailable;
  return <button type={submits ? 'submit' : 'button'} class={kind} aria-disabled={stopped} aria-busy={action.busy} onClick={submits ? undefined : () => { if (!stopped) action.run(); }}>{children}</button>;
}
