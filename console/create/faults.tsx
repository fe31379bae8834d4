import type { Fault } from '../../client/index.js';
import { useEffect, useRef } from 'preact/hooks';

/** What is wrong at a place of the document. */
export type FaultsAt = (pointer: string) => readonly string[];

/** All faults at once, above the form. It gets the focus; each leads to its field. */
export function FaultSummary({ faults, fieldOf }: { readonly faults: readonly Fault[]; readonly fieldOf: (pointer: string) => string }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (faults.length > 0) place.current?.focus();
  }, [faults]);
  if (faults.length === 0) return null;
  return <div ref={place} class="notice bad" role="alert" tabIndex={-1}>
    <p><strong>{faults.length === 1 ? 'One thing is' : `${faults.length} things are`} not right yet</strong></p>
    <ul>{faults.map(({ pointer, detail }) => <li key={`${pointer} ${detail}`}>
      <button type="button" class="link" onClick={() => focusField(fieldOf(pointer))}><code>{pointer === '' ? '(the whole)' : pointer}</code></button> {detail}
    </li>)}</ul>
  </div>;
}

function focusField(pointer: string): void {
  document.querySelector<HTMLElement>(`[data-pointer="${CSS.escape(pointer)}"]`)?.focus();
}
