/**
 * `npm run schemas`: copies the schemas of what the actions are given from the API's OpenAPI document into the backend plugin, which is installed without it. Builds
 * and tests do this first, so the copy is never older than the API.
 */
import { readFile, writeFile } from 'node:fs/promises';

const document = new URL('../../api/openapi.json', import.meta.url);
const copy = new URL('../plugins/clusterwright-backend/src/scaffolder/schemas.json', import.meta.url);

/** Writes the copy: each schema whole, with what it refers to in place of the reference, because the rest of the document is not there. */
export async function copySchemas() {
  const { components: { schemas } } = JSON.parse(await readFile(document, 'utf8'));
  const standalone = (name) => JSON.parse(JSON.stringify(schemas[name]), (key, value) => {
    const [, referred] = /^#\/components\/schemas\/(.+)$/.exec(value?.$ref ?? '') ?? [];
    return referred === undefined ? value : standalone(referred);
  });
  await writeFile(copy, JSON.stringify({ ClusterRequest: standalone('ClusterRequest'), ClusterPatch: standalone('ClusterPatch') }));
}

if (process.argv[1] === new URL(import.meta.url).pathname) await copySchemas();
