import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { httpShape } from '../../../model/http-settings.js';
import { parseTenancy } from '../../../model/tenancy.js';

const text = readFileSync(new URL('../../../docs/sign-in.md', import.meta.url), 'utf8');

describe('docs/sign-in.md', () => {
  it('names every variable of sign-in and HTTP', () => {
    for (const name of Object.keys(httpShape)) expect(text).toContain(`\`${name}\``);
  });

  it('has a tenancy file that is accepted', () => {
    const [, example = ''] = /```yaml\n([^`]+)```/.exec(text) ?? [];
    expect(parseTenancy(parse(example), 'example').grants).toHaveLength(3);
  });
});
