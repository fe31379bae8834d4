/** `npm run build`: brings dist/ up to date. */
import { buildDist } from './setup/build.mjs';

const started = performance.now();
const { files, written, removed } = await buildDist();
const ms = Math.round(performance.now() - started);
console.log(`build: ${files} files in dist/, ${written} written, ${removed} removed, ${ms} ms`);
