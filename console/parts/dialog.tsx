import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';

/** A question over the page. The browser keeps the focus inside, closes it with Escape and gives the focus back. */
export function Dialog({ title, onClose, children }: { readonly title: string; readonly onClose: () => void; readonly children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const isOver = useRef(false);
  const id = useId();
  useLayoutEffect(() => {
    const { current } = dialog;
    current?.showModal();
    return () => {
      // One that is taken away while it is open gives the focus to nobody: it has to be closed before.
      isOver.current = true;
      current?.close();
    };
  }, []);
  return <dialog ref={dialog} aria-labelledby={id} onClose={() => { if (!isOver.current) onClose(); }}>
    <h2 id={id} tabIndex={-1} autofocus>{title}</h2>
    {children}
  </dialog>;
}
