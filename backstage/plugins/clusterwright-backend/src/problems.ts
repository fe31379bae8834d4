import { AuthenticationError, ConflictError, InputError, NotAllowedError, NotFoundError, ServiceUnavailableError } from '@backstage/errors';
import { Problem, Unreachable, type Job } from '@clusterwright/client';

/** What Clusterwright said, as an error of Backstage with all of it in its text: title, code, detail, every fault with its place, and what to do next. */
export function backstageError(error: unknown): Error {
  if (error instanceof Unreachable) return new ServiceUnavailableError(error.message, error);
  if (!(error instanceof Problem)) return error instanceof Error ? error : new Error(String(error));
  const faults = error.errors.map(({ pointer, detail }) => `${pointer === '' ? 'the request' : pointer}: ${detail}`);
  const inTheWay = error.job === undefined ? '' : `The job ${error.job} stands in the way.`;
  const text = [`${error.title} (${error.code}): ${error.detail}`, ...faults, inTheWay, error.hint].filter((line) => line !== '').join('\n');
  switch (error.status) {
    case 400: case 413: case 415: case 422: return new InputError(text);
    case 401: return new AuthenticationError(text);
    case 403: return new NotAllowedError(text);
    case 404: return new NotFoundError(text);
    case 409: case 412: return new ConflictError(text);
    case 429: case 503: return new ServiceUnavailableError(text);
    default: return new Error(text);
  }
}

/** Why a job did not end well. */
export function jobError(job: Job): Error {
  const told = job.error;
  if (told === null) return new Error(`The job ${job.id} of cluster "${job.cluster}" was ${job.state}. Run the template's task again to try it once more.`);
  const resource = told.resource === null ? '' : ` Resource: ${told.resource}.`;
  return new Error(`${told.title} (${told.code}): ${told.detail}${resource}\n${told.hint}\nJob ${job.id} of cluster "${job.cluster}".`);
}
