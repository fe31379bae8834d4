import express, { type RequestHandler } from 'express';
import { ClusterwrightError, type Fault } from '../../model/errors.js';
import { faulty } from '../../model/faults.js';
import type { Json } from '../../model/merge-patch.js';
import { pointer } from '../../model/pointer.js';

/** Deeper documents than this are refused before anything walks them: a cluster spec has five levels. */
const deepest = 32;

/** Refuses what is not declared as `mediaType`. JSON has no charset but UTF-8 (RFC 8259, 8.1). Throws `unsupported-media-type`. */
export function checkMediaType(contentType: string | undefined, mediaType: string): void {
  const [type = '', ...parameters] = (contentType ?? '').split(';').map((part) => part.trim().toLowerCase());
  const plain = parameters.every((parameter) => parameter === '' || /^charset="?utf-?8"?$/.test(parameter));
  if (type !== mediaType || !plain) {
    throw new ClusterwrightError('unsupported-media-type', `The body must be ${mediaType} in UTF-8${contentType === undefined ? '; the request names no content type' : ''}.`);
  }
}

/** Reads a body of at most `limit` bytes. Compressed bodies are refused: a small one could unpack into a huge one. */
export function readBody(limit: number): RequestHandler {
  return express.raw({ type: () => true, limit, inflate: false });
}

/** Parses a body strictly. Throws `malformed-json`, or `invalid-spec` for a key that no document may have. */
export function parseJson(body: unknown): Json {
  if (!Buffer.isBuffer(body) || body.length === 0) throw new ClusterwrightError('malformed-json', 'The body is empty.');
  const value = decode(body);
  checkShape(value);
  return value;
}

function decode(body: Buffer): Json {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new ClusterwrightError('malformed-json', 'The body is not valid UTF-8.');
  }
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    // V8's message may quote the body, which could hold anything; only the place is passed on.
    const place = error instanceof SyntaxError ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
    throw new ClusterwrightError('malformed-json', place === undefined ? 'The body is not a whole JSON document.' : `The body is not JSON: unexpected character at position ${place}.`);
  }
}

/** Walks the document without recursion. */
function checkShape(document: Json): void {
  const faults: Fault[] = [];
  const open: { value: Json; path: readonly PropertyKey[] }[] = [{ value: document, path: [] }];
  for (let item = open.pop(); item !== undefined; item = open.pop()) {
    const { value, path } = item;
    if (typeof value !== 'object' || value === null) continue;
    if (path.length >= deepest) throw new ClusterwrightError('malformed-json', `The document is nested more than ${deepest} levels deep.`);
    for (const [key, child] of Object.entries(value)) {
      // JSON.parse makes it an own property, but libraries leave it out or set a prototype by it: it would not be looked at.
      if (key === '__proto__') faults.push({ pointer: pointer([...path, key]), detail: 'is not a known field' });
      else open.push({ value: child, path: [...path, Array.isArray(value) ? Number(key) : key] });
    }
  }
  if (faults.length > 0) throw faulty('invalid-spec', faults);
}
