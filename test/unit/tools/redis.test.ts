import { describe, expect, it } from 'vitest';
import { isUsable, parseVersion } from '../../../tools/setup/redis.mjs';

describe('redis on PATH', () => {
  it('reads the version that the server prints', () => {
    expect(parseVersion('Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=d81bff71cbb150e')).toBe('7.0.15');
  });

  it('finds no version in other output', () => {
    expect(parseVersion('command not found')).toBeUndefined();
  });

  it.each([
    ['5.0.14', false],
    ['6.0.16', false],
    ['6.2', true],
    ['6.2.1', true],
    ['7.0.15', true],
    ['10.1.0', true],
    ['of an unknown version', false],
  ])('%s usable: %s', (version, usable) => {
    expect(isUsable(version)).toBe(usable);
  });
});
