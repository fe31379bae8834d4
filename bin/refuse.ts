import { isClusterwrightError } from '../model/errors.js';
import { refusedExitCode } from './worker-process.js';

/** Ends the process because it cannot start: what is wrong and what to do, in two sentences; a stack trace only for what nobody foresaw. */
export function refuse(error: unknown): never {
  const text = isClusterwrightError(error) ? `${error.code}: ${error.message}\n${error.hint}` : error instanceof Error ? error.stack ?? error.message : String(error);
  process.stderr.write(`${text}\n`);
  process.exit(isClusterwrightError(error) ? refusedExitCode : 1);
}
