import { describe, expect, it } from 'vitest';
import { problemSchema, retryAfterSeconds, toProblem } from '../../../api/http/problem.js';
import { ClusterwrightError, errorCodes, errorRegistry } from '../../../model/errors.js';

const request = { path: '/clusters/x', requestId: 'r-1' };

describe('a problem', () => {
  it.each(errorCodes.filter((code) => code !== 'internal-error'))('of %s has the registry\'s title, status and hint, and a stable type', (code) => {
    const problem = toProblem(new ClusterwrightError(code, 'what happened'), request);
    const { title, status, hint, retryable } = errorRegistry[code];
    expect(problemSchema.parse(problem)).toEqual({ type: `/problems/${code}`, title, status, detail: 'what happened', instance: '/clusters/x', code, hint, retryable, requestId: 'r-1' });
  });

  it('has all faults, and the job that stands in the way', () => {
    const faults = [{ pointer: '/a', detail: 'is wrong' }, { pointer: '/b', detail: 'is wrong too' }];
    expect(toProblem(new ClusterwrightError('invalid-spec', 'x', { faults }), request).errors).toEqual(faults);
    expect(toProblem(new ClusterwrightError('operation-in-progress', 'x', { job: '/jobs/1' }), request).job).toBe('/jobs/1');
  });

  it.each([
    ['our own error inside the service', new ClusterwrightError('internal-error', 'the stored secret is not JSON')], ['an error that is not ours', new TypeError('Cannot read secret of /srv/x.js:1')], ['a thrown string', 'secret'], ['nothing', undefined],
    ['an error that pretends', Object.assign(new Error('secret'), { status: 418, expose: true })],
  ])('of %s is an internal error without its text', (_name, error) => {
    const problem = toProblem(error, request);
    expect(problem).toMatchObject({ code: 'internal-error', status: 500 });
    expect(JSON.stringify(problem)).not.toContain('secret');
  });

  it.each([
    ['entity.too.large', 413, 'body-too-large'], ['encoding.unsupported', 415, 'unsupported-media-type'], ['request.aborted', 400, 'malformed-json'],
    ['request.size.invalid', 400, 'malformed-json'],
  ])('of body-parser\'s %s is %i', (type, status, code) => {
    expect(toProblem(Object.assign(new Error('x'), { type, status, limit: 10 }), request)).toMatchObject({ status, code });
  });

  it.each([
    ['/a b', '/a%20b'], ['/%zz', '/%25zz'], ['/%41', '/%41'], ['/<script>', '/%3Cscript%3E'], ['/\u00e9', '/%C3%A9'], ['/"', '/%22'],
  ])('shows the path %s as the URI reference %s', (path, instance) => {
    expect(toProblem(new ClusterwrightError('not-found', 'x'), { path, requestId: 'r' }).instance).toBe(instance);
  });

  it('tells when to come back only where that helps', () => {
    const seconds = (code: 'store-unavailable' | 'operation-in-progress' | 'cluster-exists') => retryAfterSeconds(toProblem(new ClusterwrightError(code, 'x'), request));
    expect(seconds('store-unavailable')).toBe(2);
    expect(seconds('operation-in-progress')).toBe(5);
    expect(seconds('cluster-exists')).toBeUndefined();
  });
});
