/** `npm run openapi`: writes the OpenAPI document beside the sources, where it is checked in. Runs from dist/. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { openApiText } from './document.js';

const target = new URL('../../../api/openapi.json', import.meta.url);
await writeFile(target, openApiText());
process.stdout.write(`openapi: ${fileURLToPath(target)} is up to date\n`);
