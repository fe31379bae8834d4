import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { errorList, errorListFile } from '../../../bin/error-list.js';

describe('docs/errors.md', () => {
  it('lists the error registry as it is; "npm run docs" writes it anew', async () => {
    expect(await readFile(errorListFile, 'utf8')).toBe(errorList());
  });
});
