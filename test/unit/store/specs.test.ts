import { describe, expect, it } from 'vitest';
import { specFrom } from '../../../store/specs.js';
import { someSpec } from '../../support/records.js';

describe('a stored spec', () => {
  it('is read as it was written', () => {
    const spec = someSpec('read');
    expect(specFrom(JSON.stringify(spec))).toEqual(spec);
  });

  it('is shared between readers, so nobody can change it', () => {
    const text = JSON.stringify(someSpec('shared'));
    const spec = specFrom(text);
    expect(specFrom(text)).toBe(spec);
    expect(() => (spec.owner = 'somebody')).toThrow(TypeError);
    expect(() => spec.nodePools.pop()).toThrow(TypeError);
  });

  it('is parsed again when many others were read since', () => {
    const text = JSON.stringify(someSpec('old'));
    const spec = specFrom(text);
    for (let index = 0; index < 5_000; index++) specFrom(text.replace('"old"', `"other-${index}"`));
    expect(specFrom(text)).toEqual(spec);
    expect(specFrom(text)).not.toBe(spec);
  });

  it('that is damaged is named as such', () => {
    expect(() => specFrom('{')).toThrow('A stored spec is not JSON.');
    expect(() => specFrom(JSON.stringify({ ...someSpec('damaged'), region: 7 }))).toThrow('A stored spec is not valid: region.');
  });
});
