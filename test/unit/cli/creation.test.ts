import { describe, expect, it } from 'vitest';
import { nextKey, requestKey } from '../../../cli/creation.js';

describe('the key of a creation', () => {
  it('is the same whatever the order of fields, and another for other values', () => {
    const key = requestKey({ name: 'a', labels: { x: '1', y: '2' }, nodePools: [{ name: 'p' }] });

    expect(requestKey({ nodePools: [{ name: 'p' }], labels: { y: '2', x: '1' }, name: 'a' })).toBe(key);
    expect(requestKey({ name: 'a', labels: { x: '1', y: '3' }, nodePools: [{ name: 'p' }] })).not.toBe(key);
    expect(key).toMatch(/^cli-[\w-]{43}$/);
  });

  it('is another one behind each job', () => {
    expect(new Set([requestKey({}), nextKey(requestKey({}), 'one'), nextKey(requestKey({}), 'two')]).size).toBe(3);
  });
});
