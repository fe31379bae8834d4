import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

const root = fileURLToPath(new URL('../golden/', import.meta.url));
const updating = process.env['UPDATE_GOLDEN'] === '1';

/**
 * Compares a rendered file with the one under `test/golden/`. `UPDATE_GOLDEN=1` writes it instead; look at the difference before it is committed.
 */
export function expectGolden(file: string, rendered: string): void {
  const target = path.join(root, file);
  if (updating) {
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, rendered);
    return;
  }
  expect(rendered, `${file} differs from its golden file; if that is right, run the tests with UPDATE_GOLDEN=1`).toBe(readFileSync(target, 'utf8'));
}

/** All golden files under a folder of `test/golden/`, relative to it and sorted: what no test renders any more must go. */
export function goldenFiles(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(path.join(root, folder), path.join(entry.parentPath, entry.name)))
    .sort();
}
