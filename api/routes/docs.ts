import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { z } from 'zod';
import { ClusterwrightError } from '../../model/errors.js';
import { jsonType, type Reply } from '../http/reply.js';
import { operation } from '../operation.js';

const openApiFile = new URL('../openapi.json', import.meta.url);
const swaggerFolder = path.dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

/** All that the page loads, from this service: no CDN. */
const assets: ReadonlyMap<string, { file: string | URL; type: string }> = new Map([
  ['docs.js', { file: new URL('../docs/docs.js', import.meta.url), type: 'text/javascript; charset=utf-8' }],
  ['swagger-ui-bundle.js', { file: path.join(swaggerFolder, 'swagger-ui-bundle.js'), type: 'text/javascript; charset=utf-8' }],
  ['swagger-ui.css', { file: path.join(swaggerFolder, 'swagger-ui.css'), type: 'text/css; charset=utf-8' }],
]);

// The page may load and call this service only. The style sheet has its icons as data URLs.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

async function file(source: string | URL, type: string, headers: Record<string, string> = {}): Promise<Reply> {
  return { status: 200, headers: { 'Cache-Control': 'no-cache', ...headers }, body: { type, content: await readFile(source) } };
}

export const getOpenApi = operation({
  method: 'get',
  path: '/openapi.json',
  id: 'getOpenApi',
  access: 'everybody',
  tag: 'Service',
  summary: 'This description, in OpenAPI 3.1',
  responses: { 200: { description: 'The description.', content: { 'application/json': z.record(z.string(), z.unknown()) } } },
  handle: () => file(openApiFile, jsonType),
});

export const getDocs = operation({
  method: 'get',
  path: '/docs',
  id: 'getDocs',
  access: 'everybody',
  tag: 'Service',
  summary: 'This description, to be read in a browser',
  responses: { 200: { description: 'A page.', content: { 'text/html': z.string() } } },
  handle: () => file(new URL('../docs/index.html', import.meta.url), 'text/html; charset=utf-8', { 'Content-Security-Policy': policy }),
});

export const getDocsAsset = operation({
  method: 'get',
  path: '/docs/{asset}',
  id: 'getDocsAsset',
  access: 'everybody',
  tag: 'Service',
  summary: 'What the docs page loads',
  hidden: true,
  params: z.strictObject({ asset: z.string() }),
  responses: { 200: { description: 'The file.' } },
  handle({ params }) {
    const asset = assets.get(params.asset);
    if (!asset) throw new ClusterwrightError('not-found', 'The docs have no such file.');
    return file(asset.file, asset.type);
  },
});
