import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { projectName } from '../../model/names.js';
import { backendFolder, namesIn } from './backend-files.js';

/** How many entries of a stack's history, and how many copies of its state, are kept. */
export const keptUpdates = 20;

/** A file that the engine was writing this long ago, in milliseconds, is none that it still writes. */
const abandonedAfterMs = 3_600_000;

/**
 * Keeps the newest `keep` entries of a stack's history and copies of its state, which the engine writes with every update and never removes; of a stack that was
 * removed, nothing is kept. For `file://` backends; others have life-cycle rules for it. State and locks are never touched. Returns the number of files that went.
 *
 * The engine's layout below `.pulumi/` (pkg/backend/diy): `history/PROJECT/STACK/STACK-<ns>.{history,checkpoint}.json`, `backups/PROJECT/STACK/STACK.<ns>.json`,
 * `stacks/PROJECT/STACK.json` with `.bak`, each perhaps compressed and each with an `.attrs` file beside it; a killed engine leaves `.tmp` files.
 */
export async function pruneStack(backendUrl: string, stack: string, keep = keptUpdates): Promise<number> {
  if (!backendUrl.startsWith('file://')) return 0;
  const folders = {
    stacks: backendFolder(backendUrl, 'stacks', projectName),
    history: backendFolder(backendUrl, 'history', projectName, stack),
    backups: backendFolder(backendUrl, 'backups', projectName, stack),
  };
  const ours = (await namesIn(folders.stacks)).filter((file) => file.startsWith(`${stack}.json`));
  const exists = ours.some((file) => /^(\.gz|\.zst)?$/.test(file.slice(`${stack}.json`.length)));
  const [history, backups] = await Promise.all([namesIn(folders.history), namesIn(folders.backups)]);
  const dated = exists ? keep : 0;
  const doomed = [
    ...outdated(folders.history, history, dated),
    ...outdated(folders.backups, backups, dated),
    ...(exists ? await abandoned(folders.stacks, ours) : ours.map((file) => path.join(folders.stacks, file))),
  ];
  await Promise.all(doomed.map((file) => rm(file, { force: true })));
  if (!exists) await Promise.all([folders.history, folders.backups].map((folder) => rm(folder, { recursive: true, force: true })));
  return doomed.length;
}

/** Files by the instant in their names that are not among the newest `keep` instants. A name without one is none of the engine's and stays. */
function outdated(folder: string, files: readonly string[], keep: number): string[] {
  const instants = new Map<string, string[]>();
  for (const file of files) {
    // Nanoseconds since 1970: nineteen digits from 2001 to 2286, so texts sort as numbers do.
    const instant = /[-.](\d{19})\./.exec(file)?.[1];
    if (instant !== undefined) instants.set(instant, [...(instants.get(instant) ?? []), path.join(folder, file)]);
  }
  return [...instants].sort(([one], [other]) => other.localeCompare(one)).slice(keep).flatMap(([, paths]) => paths);
}

/** Files beside the state that a killed engine was writing. */
async function abandoned(folder: string, files: readonly string[]): Promise<string[]> {
  const unfinished = files.filter((file) => file.endsWith('.tmp')).map((file) => path.join(folder, file));
  const old = await Promise.all(unfinished.map((file) => stat(file).then(({ mtimeMs }) => Date.now() - mtimeMs > abandonedAfterMs, () => false)));
  return unfinished.filter((_, index) => old[index]);
}
