import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseJson, checkMediaType } from '../../../api/http/body.js';
import { checkIfMatch, contentTag, ifMatchSchema, matchesNone } from '../../../api/http/conditional.js';
import { fingerprint } from '../../../api/http/idempotency.js';
import { flagSchema, parseQuery, wholeNumber } from '../../../api/http/parameters.js';

describe('the fingerprint of a request', () => {
  const base = fingerprint('POST', '/clusters', 'dryRun=true', { a: 1, b: { c: [1, 2], d: null } });

  it('is the same whatever the order of keys', () => {
    expect(fingerprint('POST', '/clusters', 'dryRun=true', { b: { d: null, c: [1, 2] }, a: 1 })).toBe(base);
  });

  it.each([
    ['method', fingerprint('PUT', '/clusters', 'dryRun=true', { a: 1, b: { c: [1, 2], d: null } })],
    ['path', fingerprint('POST', '/other', 'dryRun=true', { a: 1, b: { c: [1, 2], d: null } })],
    ['query', fingerprint('POST', '/clusters', '', { a: 1, b: { c: [1, 2], d: null } })],
    ['order of a list', fingerprint('POST', '/clusters', 'dryRun=true', { a: 1, b: { c: [2, 1], d: null } })],
    ['missing null', fingerprint('POST', '/clusters', 'dryRun=true', { a: 1, b: { c: [1, 2] } })],
    ['type of a value', fingerprint('POST', '/clusters', 'dryRun=true', { a: '1', b: { c: [1, 2], d: null } })],
  ])('is another one with another %s', (_name, other) => {
    expect(other).not.toBe(base);
  });
});

describe('If-Match', () => {
  it.each(['*', '"1"', '"1", "2"', '"1","2"', '""'])('takes %s', (text) => {
    expect(ifMatchSchema.safeParse(text).success).toBe(true);
  });

  it.each(['', '1', 'W/"1"', '"1" "2"', '"1",', '*,"1"', '"a"b"'])('refuses %j', (text) => {
    expect(ifMatchSchema.safeParse(text).success).toBe(false);
  });

  it('lets through no header, * and the version', () => {
    for (const header of [undefined, '*', '"7"', '"6", "7"']) expect(() => checkIfMatch(header, 7)).not.toThrow();
    for (const header of ['"6"', '"77"', '"x"']) expect(() => checkIfMatch(header, 7)).toThrow(expect.objectContaining({ code: 'precondition-failed' }));
  });
});

it('compares If-None-Match weakly', () => {
  const tag = contentTag('{}');
  for (const header of ['*', tag, `W/${tag}`, `"a", ${tag}`]) expect(matchesNone(header, tag)).toBe(true);
  for (const header of [undefined, '', '"a"', tag.slice(1)]) expect(matchesNone(header, tag)).toBe(false);
});

describe('query parameters', () => {
  const schema = z.strictObject({ limit: wholeNumber(1, 200).default(50), dryRun: flagSchema });

  it('are parsed with their defaults', () => {
    expect(parseQuery('', schema)).toEqual({ limit: 50, dryRun: false });
    expect(parseQuery('limit=7&dryRun=true', schema)).toEqual({ limit: 7, dryRun: true });
  });

  it('are refused all at once, by name', () => {
    expect(() => parseQuery('limit=x&foo=1&dryRun=1&foo=2', schema)).toThrow(expect.objectContaining({
      code: 'invalid-parameter',
      message: '4 query parameters are not valid: "foo" is given more than once; "foo" is not a known parameter; limit must be a whole number from 1 to 200; dryRun must be one of: true, false.',
    }));
  });
});

describe('bodies', () => {
  it('are JSON in UTF-8', () => {
    expect(parseJson(Buffer.from('{"a":[1,"\u00e9",null]}'))).toEqual({ a: [1, '\u00e9', null] });
    for (const body of [undefined, {}, Buffer.alloc(0), Buffer.from('{'), Buffer.from([0xff])]) expect(() => parseJson(body)).toThrow(expect.objectContaining({ code: 'malformed-json' }));
  });

  it('are at most 32 levels deep', () => {
    const deep = (levels: number) => Buffer.from('['.repeat(levels) + ']'.repeat(levels));
    expect(() => parseJson(deep(32))).not.toThrow();
    expect(() => parseJson(deep(34))).toThrow(expect.objectContaining({ code: 'malformed-json' }));
  });

  it('are of the type that is asked for', () => {
    for (const type of ['application/json', 'APPLICATION/JSON', 'application/json; charset=utf-8', 'application/json;charset="UTF-8"', 'application/json;']) {
      expect(() => checkMediaType(type, 'application/json')).not.toThrow();
    }
    for (const type of [undefined, '', 'text/json', 'application/json2', 'application/json; charset=utf-16', 'application/json; version=2']) {
      expect(() => checkMediaType(type, 'application/json')).toThrow(expect.objectContaining({ code: 'unsupported-media-type' }));
    }
  });
});
