import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { errorRegistry } from '../model/errors.js';
import { packageRoot } from '../worker/package-root.js';

/** The list of all error codes as a page of the docs. */
export function errorList(): string {
  const rows = Object.entries(errorRegistry).map(([code, { title, status, hint, retryable }]) => `| \`${code}\` | ${status} | ${title} | ${retryable ? 'yes' : 'no'} | ${hint.replaceAll('|', '\\|')} |`);
  return [
    '# Errors',
    '',
    'Every problem of the API (`type` is `/problems/CODE`) and every `error.code` of a job. This page is written from `model/errors.ts` by `npm run docs`.',
    '',
    '| code | status | what happened | may succeed later | what to do next |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

/** Where the page lies. */
export const errorListFile = path.join(packageRoot(), 'docs/errors.md');

if (process.argv[1] === import.meta.filename) await writeFile(errorListFile, errorList());
