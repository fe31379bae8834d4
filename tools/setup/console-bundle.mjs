/**
 * Bundles the console for browsers into dist/console: scripts, style sheet and icon, named after their content so that they may be kept for ever, the
 * page that names them, and each of them compressed beside itself, since the API compresses nothing.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { root } from './paths.mjs';

const folder = path.join(root, 'console');
/** What the page names, by the placeholder that stands for it there. */
const entries = { script: 'main.tsx', style: 'style/index.css', icon: 'icon.svg' };

/** @returns {Promise<import('./build.mjs').Output[]>} */
export async function bundleConsole() {
  const esbuild = await import('esbuild');
  const { outputFiles, metafile } = await esbuild.build({
    entryPoints: Object.values(entries).map((entry) => path.join(folder, entry)),
    outbase: folder,
    outdir: path.join(root, 'dist/console'),
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    loader: { '.svg': 'copy' },
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    absWorkingDir: root,
    metafile: true,
    logLevel: 'warning',
    write: false,
  });
  const made = outputFiles.map((file) => ({ name: path.basename(file.path), content: Buffer.from(file.contents) }));
  let page = await readFile(path.join(folder, 'page.html'), 'utf8');
  for (const [placeholder, entry] of Object.entries(entries)) {
    const [file] = Object.entries(metafile.outputs).find(([, { entryPoint, inputs }]) => entryPoint === `console/${entry}` || (entry.endsWith('.svg') && Object.keys(inputs).includes(`console/${entry}`))) ?? [];
    if (file === undefined) throw new Error(`the bundle has nothing of console/${entry}`);
    page = page.replaceAll(`{{${placeholder}}}`, `/console/${path.basename(file)}`);
  }
  const files = [...made, { name: 'index.html', content: Buffer.from(page) }];
  return (await Promise.all(files.map(compressed))).flat();
}

/** @param {{name: string, content: Buffer}} file */
async function compressed({ name, content }) {
  const forms = [
    { name, content },
    { name: `${name}.br`, content: await promisify(brotliCompress)(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }) },
    { name: `${name}.gz`, content: await promisify(gzip)(content, { level: 9 }) },
  ];
  return forms.map((form) => ({ file: path.join('console', form.name), content: form.content, mode: 0o644 }));
}
