import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Version of the package that this program belongs to. */
export function packageVersion(): string {
  for (let folder = path.dirname(fileURLToPath(import.meta.url)); ; folder = path.dirname(folder)) {
    const found = versionIn(path.join(folder, 'package.json'));
    if (found !== undefined) return found;
    if (folder === path.dirname(folder)) return 'unknown';
  }
}

function versionIn(file: string): string | undefined {
  try {
    const read: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof read === 'object' && read !== null && 'version' in read && typeof read.version === 'string' ? read.version : undefined;
  } catch {
    return undefined;
  }
}
