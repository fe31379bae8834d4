import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { keepFocus } from './heading.js';

/** A page: its heading, which gets the focus when the page is gone to and names the browser's tab, and what can be done. */
export function Page({ title, above, beside, actions, children }: {
  readonly title: string; readonly above?: ComponentChildren; readonly beside?: ComponentChildren; readonly actions?: ComponentChildren; readonly children: ComponentChildren;
}) {
  useEffect(keepFocus, []);
  useEffect(() => { document.title = `${title} · Clusterwright`; }, [title]);
  return <>
    <div class="head">
      <div>
        {above !== undefined && <p class="above">{above}</p>}
        <h1 tabIndex={-1}>{title}</h1>
        {beside !== undefined && <div class="beside">{beside}</div>}
      </div>
      {actions !== undefined && <div class="actions">{actions}</div>}
    </div>
    {children}
  </>;
}

/** A part of a page under a heading. @param note what a reader has to know of it */
export function Section({ title, note, actions, children }: { readonly title: string; readonly note?: ComponentChildren; readonly actions?: ComponentChildren; readonly children: ComponentChildren }) {
  const id = `section-${title.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`;
  return <section aria-labelledby={id} class="section">
    <div class="section-head"><h2 id={id}>{title}</h2>{actions}</div>
    {note !== undefined && <p class="note">{note}</p>}
    {children}
  </section>;
}
