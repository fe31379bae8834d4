import { pruneStack } from '../engine/hygiene.js';
import { stackKinds } from '../../model/names.js';
import { jobError } from '../../model/job.js';
import type { OperationContext } from './context.js';

/** Tidies the backend up behind an operation, however it ended. It is no part of the job: where it fails, the next operation does it. */
export async function tidyBackend({ job, backendUrl, stacks, report }: Pick<OperationContext, 'job' | 'backendUrl' | 'stacks' | 'report'>): Promise<void> {
  if (job.kind === 'preview') return;
  try {
    await Promise.all(stackKinds.map((kind) => pruneStack(backendUrl, stacks[kind].name)));
  } catch (error) {
    const word = error instanceof Error && 'code' in error ? String(error.code) : jobError(error).code;
    report({ type: 'log', level: 'warn', message: `The backend could not be tidied up: ${word}` });
  }
}
