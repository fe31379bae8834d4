/**
 * Transpiles the sources into dist/, one output file per source file, and copies the data files (YAML, shell, JSON) that lie
 * beside them. Types are checked by `npm run lint`; this step only strips them, so it takes well under a second.
 */
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const rooms = ['model', 'store', 'api', 'worker', 'programs', 'templates', 'sandbox', 'bin', 'bench'];
const copied = ['.yaml', '.sh', '.json', '.css', '.html', '.svg', '.lua'];

/** Everything in a room that belongs into dist/. */
async function sources(room) {
  const entries = await readdir(path.join(root, room), { recursive: true, withFileTypes: true }).catch((error) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => (file.endsWith('.ts') && !file.endsWith('.d.ts')) || copied.includes(path.extname(file)));
}

const started = performance.now();
await rm(path.join(root, 'dist'), { recursive: true, force: true });
const entryPoints = (await Promise.all(rooms.map(sources))).flat();
await build({
  entryPoints,
  outbase: root,
  outdir: path.join(root, 'dist'),
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: 'linked',
  sourcesContent: false,
  loader: Object.fromEntries(copied.map((extension) => [extension, 'copy'])),
  logLevel: 'warning',
});
console.log(`build: ${entryPoints.length} files into dist/ in ${Math.round(performance.now() - started)} ms`);
