import { Problem, Unreachable } from '../../client/index.js';
import { at } from '../route.js';
import { Link } from './link.js';

/** Why something failed, and what to do next. */
export function ProblemNotice({ error }: { readonly error: unknown }) {
  if (error === undefined) return null;
  const { title, detail, hint, job } = wordsFor(error);
  return <div class="notice bad" role="alert">
    <p><strong>{title}</strong></p>
    <p>{detail}</p>
    {hint !== '' && <p>{hint}</p>}
    {job !== undefined && <p><Link to={at.job(job)}>Look at the job in the way</Link></p>}
  </div>;
}

/** What is wrong with one value of what was sent. @param pointer its place in it */
export function faultsAt(error: unknown, pointer: string): readonly string[] {
  return error instanceof Problem ? error.errors.filter((fault) => fault.pointer === pointer).map(({ detail }) => detail) : [];
}

/** The same for a part of a page that goes on trying: what stands there is from before. */
export function StaleNotice({ error }: { readonly error: unknown }) {
  if (error === undefined) return null;
  const { title } = wordsFor(error);
  return <p class="notice warn" role="status">{title}: what stands here may be old. The console tries again by itself.</p>;
}

function wordsFor(error: unknown): { title: string; detail: string; hint: string; job?: string | undefined } {
  if (error instanceof Problem) return error;
  if (error instanceof Unreachable) return { title: 'The service does not answer', detail: error.message, hint: 'Nothing is lost: what the service has accepted goes on. Try again.' };
  return { title: 'Something went wrong in the console', detail: error instanceof Error ? error.message : String(error), hint: 'Reload the page; if it happens again, tell whoever runs the service.' };
}
