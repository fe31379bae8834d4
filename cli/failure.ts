import { CommanderError } from 'commander';
import { Problem, Unreachable } from '../client/index.js';
import { exitCodes, type ExitCode } from './exit-codes.js';

/** An end that is not success, with what the person at the terminal is told. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';

  /** @param hint what to do next, if anything @param lines more, such as every fault of a document */
  constructor(readonly exitCode: ExitCode, message: string, readonly hint?: string, readonly lines: readonly string[] = []) {
    super(message);
  }
}

/** What is said about an error on standard error, and how the process ends for it. Only {@link CommandFailure}s, problems and errors of libraries come here; no token is in any of them. */
export function describeFailure(error: unknown): { readonly text: string; readonly exitCode: ExitCode } {
  if (error instanceof CommandFailure) return { text: paragraph([error.message, ...error.lines, error.hint]), exitCode: error.exitCode };
  if (error instanceof Problem) return { text: problemText(error), exitCode: codeOfStatus(error.status) };
  if (error instanceof Unreachable) return { text: paragraph([`${error.message}.`, 'Check --url or CLUSTERWRIGHT_URL, and whether the service runs.']), exitCode: exitCodes.unreachable };
  // Commander has said already what it is about.
  if (error instanceof CommanderError) return { text: '', exitCode: error.exitCode === 0 ? exitCodes.done : exitCodes.refused };
  return { text: error instanceof Error ? error.message : String(error), exitCode: exitCodes.unexpected };
}

/** A problem with all its faults. @param place says where in the caller's document a pointer leads to, if it does @param hint what to do next */
export function problemText(problem: Problem, place: (pointer: string) => string | undefined = () => undefined, hint = hintOf(problem)): string {
  const faults = problem.errors.map(({ pointer, detail }) => {
    const where = place(pointer);
    return `  ${where === undefined ? '' : `${where}: `}${pointer === '' ? 'the document' : pointer} ${detail}`;
  });
  const job = problem.job === undefined ? undefined : `See it with: clusterwright jobs get ${problem.job}`;
  const request = problem.status >= 500 && problem.requestId !== undefined ? `Request: ${problem.requestId}` : undefined;
  return paragraph([`${problem.title} (${problem.code}). ${problem.detail}`, ...faults, hint, job, request]);
}

function hintOf({ status, hint }: Problem): string {
  return status === 401 ? 'Sign in with "clusterwright login", or set CLUSTERWRIGHT_TOKEN; docs/cli.md has the ways.' : hint;
}

function paragraph(lines: readonly (string | undefined)[]): string {
  return lines.filter((line) => line !== undefined && line !== '').join('\n');
}

/** The exit code for a status that is no success. */
export function codeOfStatus(status: number): ExitCode {
  switch (status) {
    case 400: case 413: case 415: case 422: return exitCodes.refused;
    case 401: case 403: return exitCodes.forbidden;
    case 404: case 405: case 409: case 412: return exitCodes.conflict;
    case 429: case 502: case 503: case 504: return exitCodes.unreachable;
    default: return exitCodes.unexpected;
  }
}
