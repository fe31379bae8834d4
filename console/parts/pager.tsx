/** Goes through the pages of a list, where there is more than one. */
export function Pager({ page, onBack, next, onNext }: { readonly page: number; readonly onBack: (() => void) | undefined; readonly next: string | null; readonly onNext: (cursor: string) => void }) {
  if (onBack === undefined && next === null) return null;
  return <nav class="pager" aria-label="Pages of the list">
    <button type="button" aria-disabled={onBack === undefined} onClick={onBack}>Previous</button>
    <span role="status">Page {page}</span>
    <button type="button" aria-disabled={next === null} onClick={() => { if (next !== null) onNext(next); }}>Next</button>
  </nav>;
}
