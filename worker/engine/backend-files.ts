import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** A folder of the engine's on a `file://` backend, by its place below `.pulumi/` (pkg/backend/diy). */
export function backendFolder(backendUrl: string, ...place: string[]): string {
  return path.join(fileURLToPath(backendUrl), '.pulumi', ...place);
}

/** Names in a folder; none where the engine has not made it yet. */
export async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
}
