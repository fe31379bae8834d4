import type { Job } from '../shapes.js';

/** Why a job failed, and what to do next. */
export function JobErrorNotice({ error }: { readonly error: Job['error'] }) {
  if (error === null) return null;
  return <div class="notice bad" role="alert">
    <p><strong>{error.title}</strong> <a class="faint" href={`/problems/${error.code}`}>{error.code}</a></p>
    <p>{error.detail}</p>
    {error.resource !== null && <p>Resource: <code>{error.resource}</code></p>}
    <p>{error.hint}</p>
  </div>;
}
