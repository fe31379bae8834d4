import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';

/**
 * Writes a file that only its owner can read.
 * @param options `replace`: what is there is replaced, in one step; otherwise `EEXIST` is thrown
 */
export async function writePrivately(file: string, content: string, { replace }: { readonly replace: boolean }): Promise<void> {
  if (!replace) return writeFile(file, content, { mode: 0o600, flag: 'wx' });
  const draft = `${file}.${randomUUID()}`;
  try {
    await writeFile(draft, content, { mode: 0o600, flag: 'wx' });
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}
