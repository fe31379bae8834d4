/**
 * Transpiles the sources into dist/, one output file per source file, and copies the data files (YAML, shell, units, …) that lie
 * beside them. Types are checked by `npm run lint`; this step only strips them. Files are replaced in place, only when their
 * content changed, because a running service may be reading dist/.
 */
import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleConsole } from './console-bundle.mjs';
import { isAlive } from './lock.mjs';
import { root } from './paths.mjs';

const rooms = ['model', 'store', 'api', 'worker', 'programs', 'templates', 'sandbox', 'client', 'cli', 'bin', 'bench', 'test/chaos', 'test/support'];
/** Bundled for browsers, with what it imports. */
const bundled = 'console';
const dist = path.join(root, 'dist');
/** What makes a room a package of its own; nothing in dist/ reads it. */
const packaged = /[/]client[/](dist[/]|package[.]json$|tsconfig[.]json$)/;
const stagingPrefix = '.staging-';
const stamp = path.join(dist, '.built');
/** What the result depends on besides the sources. */
const makers = [fileURLToPath(import.meta.url), fileURLToPath(new URL('console-bundle.mjs', import.meta.url)), path.join(root, 'package-lock.json')];

/**
 * @typedef {{file: string, content: Uint8Array, mode: number}} Output file relative to dist/
 */

/**
 * @returns {Promise<{files: number, written: number, removed: number}>}
 */
export async function buildDist() {
  const files = (await Promise.all(rooms.map((room) => filesIn(path.join(root, room))))).flat().filter((file) => !packaged.test(file));
  const sourceState = await fingerprint([...files, ...(await filesIn(path.join(root, bundled))), ...makers]);
  const built = await filesIn(dist);
  if ((await readFile(stamp, 'utf8').catch(() => '')) === `${sourceState} ${await fingerprint(built)}`) {
    return { files: built.length, written: 0, removed: 0 };
  }
  const sources = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'));
  const data = files.filter((file) => !file.endsWith('.ts') && !file.endsWith('.md'));
  const outputs = [...(await transpile(sources)), ...(await Promise.all(data.map(readData))), ...(await bundleConsole())];

  await stopEsbuild();
  const staging = path.join(dist, `${stagingPrefix}${process.pid}`);
  const written = await inBatches(outputs, (output) => replace(output, staging));
  await rm(staging, { recursive: true, force: true });
  const removed = await removeOrphans(new Set(outputs.map((output) => output.file)));
  await writeFile(stamp, `${sourceState} ${await fingerprint(await filesIn(dist))}`);
  return { files: outputs.length, written: written.filter(Boolean).length, removed };
}

/**
 * Tells by names, sizes and times whether files are the ones seen before; the sources' state is taken before they are read, so that a
 * change during the build shows next time.
 * @param {string[]} files
 * @returns {Promise<string>}
 */
async function fingerprint(files) {
  const lines = await inBatches(files.toSorted(), async (file) => {
    const found = await stat(file).catch(() => undefined);
    return `${path.relative(root, file)} ${found?.size} ${found?.mtimeMs} ${found?.mode}`;
  });
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}

/** @param {string[]} entryPoints @returns {Promise<Output[]>} */
async function transpile(entryPoints) {
  if (entryPoints.length === 0) return [];
  const esbuild = await import('esbuild');
  const result = await esbuild.build({
    entryPoints,
    outbase: root,
    outdir: dist,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'warning',
    write: false,
  });
  return result.outputFiles.map((file) => ({ file: path.relative(dist, file.path), content: file.contents, mode: isProgram(file.contents) ? 0o755 : 0o644 }));
}

/** Whether it begins with `#!`. @param {Uint8Array} content */
function isProgram(content) {
  return content[0] === 0x23 && content[1] === 0x21;
}

/** Its process would keep ours from ending. */
async function stopEsbuild() {
  const { stop } = await import('esbuild');
  await stop();
}

/** @param {string} file @returns {Promise<Output>} */
async function readData(file) {
  const [content, found] = await Promise.all([readFile(file), stat(file)]);
  return { file: path.relative(root, file), content, mode: found.mode & 0o111 ? 0o755 : 0o644 };
}

/**
 * Puts one file in its place by a rename, so that a reader sees the old or the new content.
 * @param {Output} output
 * @param {string} staging
 * @returns {Promise<boolean>} whether there was anything to do
 */
async function replace(output, staging) {
  const target = path.join(dist, output.file);
  const [present, mode] = await Promise.all([
    readFile(target).catch(() => undefined),
    stat(target).then((found) => found.mode & 0o777, () => undefined),
  ]);
  if (present !== undefined && mode === output.mode && present.equals(output.content)) return false;
  const draft = path.join(staging, output.file);
  await Promise.all([mkdir(path.dirname(draft), { recursive: true }), mkdir(path.dirname(target), { recursive: true })]);
  await writeFile(draft, output.content);
  await chmod(draft, output.mode);
  await rename(draft, target);
  return true;
}

/**
 * Removes what no source stands behind any more; another living build's drafts stay.
 * @param {Set<string>} wanted
 */
async function removeOrphans(wanted) {
  const orphans = (await filesIn(dist)).filter((file) => {
    const name = path.relative(dist, file);
    const [top = ''] = name.split(path.sep);
    if (top.startsWith(stagingPrefix)) return !isAlive({ pid: Number(top.slice(stagingPrefix.length)), started: null });
    return !wanted.has(name);
  });
  await Promise.all(orphans.map((file) => rm(file, { force: true })));
  return orphans.length;
}

/** All files below a folder but our stamp, by full path; none when it is not there. @param {string} folder @returns {Promise<string[]>} */
async function filesIn(folder) {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name)).filter((file) => file !== stamp);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return [];
    throw error;
  }
}

/**
 * Keeps the number of open files bounded.
 * @template T, R
 * @param {T[]} items
 * @param {(item: T) => Promise<R>} work
 * @returns {Promise<R[]>}
 */
async function inBatches(items, work, size = 64) {
  /** @type {R[]} */
  const results = [];
  for (let at = 0; at < items.length; at += size) results.push(...(await Promise.all(items.slice(at, at + size).map(work))));
  return results;
}
