import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { ClusterwrightError } from '../../model/errors.js';
import type { Context } from '../context.js';
import type { Console, ConsoleSettings } from '../dependencies.js';
import { contentTag, matchesNone } from '../http/conditional.js';
import { encodingFor, suffixes } from '../http/encoding.js';
import { json } from '../http/reply.js';
import { operation } from '../operation.js';

/** Files that the build names after their content, so that they never change: `NAME-HASH.js`. Nothing else of the folder is served. */
const assetName = /^[a-z]+-[A-Z0-9]{8}\.(js|css|svg)$/;

const types = { html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8', svg: 'image/svg+xml' } as const;

export const getConsole = operation({
  method: 'get',
  path: '/',
  id: 'getConsole',
  access: 'everybody',
  tag: 'Service',
  summary: 'The console: pages for people',
  hidden: true,
  headers: z.object({ 'If-None-Match': z.string().optional() }),
  responses: { 200: { description: 'A page.' }, 304: { description: 'It has not changed.' } },
  async handle({ headers, request }, context) {
    const { folder, settings } = consoleOf(context);
    const page = await read(folder, 'index.html', request.headers['accept-encoding']);
    const tag = contentTag(page.content.toString('latin1'));
    const common = { ...page.headers, ETag: tag, 'Cache-Control': 'no-cache', 'Content-Security-Policy': policyFor(settings), 'Cross-Origin-Opener-Policy': 'same-origin' };
    return matchesNone(headers['If-None-Match'], tag) ? { status: 304, headers: common } : { status: 200, headers: common, body: { type: types.html, content: page.content } };
  },
});

export const getConsoleSettings = operation({
  method: 'get',
  path: '/console/settings.json',
  id: 'getConsoleSettings',
  access: 'everybody',
  tag: 'Service',
  summary: 'What the console has to know before anybody has signed in',
  hidden: true,
  responses: { 200: { description: 'Settings.' } },
  handle: (_call, context) => json(200, consoleOf(context).settings),
});

export const getConsoleAsset = operation({
  method: 'get',
  path: '/console/{asset}',
  id: 'getConsoleAsset',
  access: 'everybody',
  tag: 'Service',
  summary: 'What the console loads',
  hidden: true,
  params: z.strictObject({ asset: z.string().regex(assetName) }),
  responses: { 200: { description: 'The file.' } },
  async handle({ params: { asset }, request }, context) {
    const kind = z.enum(['js', 'css', 'svg']).parse(path.extname(asset).slice(1));
    const { headers, content } = await read(consoleOf(context).folder, asset, request.headers['accept-encoding']);
    return { status: 200, headers: { ...headers, 'Cache-Control': 'public, max-age=31536000, immutable' }, body: { type: types[kind], content } };
  },
});

function consoleOf({ console: pages }: Pick<Context, 'console'>): Console {
  if (pages === undefined) throw new ClusterwrightError('not-found', 'This API serves no console.');
  return pages;
}

/** A built file, in the shortest form that the caller takes: the build has compressed it. */
async function read(folder: string, name: string, accepted: string | undefined): Promise<{ headers: Record<string, string>; content: Buffer }> {
  const encoding = encodingFor(accepted);
  const content = await readFile(path.join(folder, name + suffixes[encoding])).catch((error: unknown) => {
    throw new ClusterwrightError('not-found', 'The console has no such file.', { cause: error });
  });
  return { headers: { Vary: 'Accept-Encoding', ...(encoding === 'identity' ? {} : { 'Content-Encoding': encoding }) }, content };
}

/** The pages may load and call this service alone, and Entra where one signs in. Scripts cannot be made of text. */
function policyFor({ signIn }: ConsoleSettings): string {
  const authority = signIn.kind === 'entra' ? ` ${new URL(signIn.authority).origin}` : '';
  return [
    'default-src \'none\'', 'script-src \'self\'', 'style-src \'self\'', 'img-src \'self\'', `connect-src 'self'${authority}`, 'base-uri \'none\'', 'form-action \'none\'', 'frame-ancestors \'none\'',
    'require-trusted-types-for \'script\'', 'trusted-types \'none\'',
  ].join('; ');
}
