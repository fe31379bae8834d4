/**
 * `npm run build`: checks the types and writes what is installed into a Backstage to plugins/NAME/dist, laid out as Backstage's own tool does it: CommonJS for the
 * backend, modules for the frontend, and types. The client of the API is bundled in, so that nothing else of this repository has to be installed.
 */
import { execFile } from 'node:child_process';
import { cp, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { copySchemas } from './schemas.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const declarations = path.join(root, 'dist-types');

/** @type {Record<string, import('esbuild').BuildOptions>} */
const plugins = {
  'clusterwright-backend': { platform: 'node', target: 'node20', format: 'cjs', entryNames: '[name].cjs' },
  'clusterwright': { platform: 'browser', target: 'es2022', format: 'esm', entryNames: '[name].esm', chunkNames: '[name]-[hash].esm', splitting: true, jsx: 'automatic' },
};

await rm(declarations, { recursive: true, force: true });
await copySchemas();
await declare();
for (const [name, options] of Object.entries(plugins)) {
  const folder = path.join(root, 'plugins', name);
  await rm(path.join(folder, 'dist'), { recursive: true, force: true });
  const { dependencies = {}, peerDependencies = {} } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
  await build({
    ...options,
    entryPoints: [path.join(folder, 'src/index.ts')], outdir: path.join(folder, 'dist'), bundle: true, sourcemap: true, logLevel: 'warning',
    tsconfig: path.join(root, 'tsconfig.json'), external: [...Object.keys(dependencies), ...Object.keys(peerDependencies)],
  });
  await cp(path.join(declarations, 'backstage/plugins', name, 'src'), path.join(folder, 'dist/types'), { recursive: true });
}

/** Types of everything, tests included, so that one run of the compiler checks and writes. */
async function declare() {
  const flags = ['-p', path.join(root, 'tsconfig.json'), '--noEmit', 'false', '--emitDeclarationOnly', '--declaration', '--outDir', declarations, '--rootDir', path.join(root, '..'), '--pretty', 'false'];
  try {
    await promisify(execFile)(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), ...flags]);
  } catch (error) {
    process.stderr.write(String(/** @type {{stdout?: string}} */ (error).stdout ?? error));
    process.exit(1);
  }
}
