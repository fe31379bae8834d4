import { isClusterwrightError } from '../../model/errors.js';

/** Code and places of the faults that a piece of work ends with. */
export async function codeOf(work: () => Promise<unknown>): Promise<{ code: string; pointers: string[] }> {
  try {
    await work();
  } catch (error) {
    if (isClusterwrightError(error)) return { code: error.code, pointers: (error.faults ?? []).map(({ pointer }) => pointer) };
    throw error;
  }
  return { code: 'no error', pointers: [] };
}
