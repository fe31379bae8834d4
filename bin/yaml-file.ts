import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { ClusterwrightError, type ErrorCode } from '../model/errors.js';

/** A YAML document. Throws an error with `code` that says what kept it from being read; `what` begins its sentence. */
export async function readYaml(file: string, code: ErrorCode, what: string): Promise<unknown> {
  try {
    return parse(await readFile(file, 'utf8')) as unknown;
  } catch (error) {
    const reason = error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'does not exist' : 'is not readable YAML or JSON';
    throw new ClusterwrightError(code, `${what} ${file} ${reason}.`, { resource: file, cause: error });
  }
}
