import { describe, expect, it } from 'vitest';
import { hasOldAuthorities } from '../../../model/expiry.js';
import { rotationRequestSchema } from '../../../model/job-request.js';

const faults = (request: unknown): string[] => rotationRequestSchema.safeParse(request).error?.issues.map(({ path }) => path.join('/')) ?? [];

describe('a request to make something anew', () => {
  it('names the half of what takes two, and none of what takes one', () => {
    for (const what of ['ca', 'service-account-key']) {
      expect(faults({ what })).toEqual(['phase']);
      expect(faults({ what, phase: 'both' })).toEqual(['phase']);
      for (const phase of ['begin', 'finish']) expect(faults({ what, phase })).toEqual([]);
    }
    for (const what of ['leaf', 'encryption-key']) expect(faults({ what, phase: 'begin' })).toEqual(['phase']);
    expect(faults({ what: 'leaf' })).toEqual([]);
  });
});

describe('authorities that are to go', () => {
  it('are told from those that stay by their names', () => {
    const authority = (name: string) => ({ kind: 'authority' as const, name, node: null, endsAt: '2036-11-29T10:00:00Z' });
    expect(hasOldAuthorities([authority('ca'), authority('etcd/ca')])).toBe(false);
    expect(hasOldAuthorities([authority('ca'), authority('ca-old')])).toBe(true);
  });
});
