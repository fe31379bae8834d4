import { describe, expect, it } from 'vitest';
import { differences } from '../../../tools/setup/node-modules.mjs';

const zod = { version: '4.0.0', integrity: 'sha512-a' };

describe('installed packages against the lock file', () => {
  it.each([
    ['equal', { 'node_modules/zod': zod }, []],
    ['absent', {}, ['node_modules/zod']],
    ['another version', { 'node_modules/zod': { ...zod, version: '4.0.1' } }, ['node_modules/zod']],
    ['another content', { 'node_modules/zod': { ...zod, integrity: 'sha512-b' } }, ['node_modules/zod']],
    ['one too many', { 'node_modules/zod': zod, 'node_modules/left': { version: '1.0.0' } }, ['node_modules/left']],
  ])('%s', (_case, installed, expected) => {
    const wanted = { '': { version: '0.1.0' }, 'node_modules/zod': zod };

    expect(differences({ packages: wanted }, { packages: installed })).toEqual(expected);
  });

  it('lets a package for another platform be absent', () => {
    const wanted = { 'node_modules/zod': zod, 'node_modules/esbuild-mac': { version: '1.0.0', optional: true } };

    expect(differences({ packages: wanted }, { packages: { 'node_modules/zod': zod } })).toEqual([]);
  });
});
