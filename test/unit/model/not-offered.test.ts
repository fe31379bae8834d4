import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadCatalogue } from '../../../bin/catalogue.js';
import type { Accounts } from '../../../model/accounts.js';
import { isClusterwrightError } from '../../../model/errors.js';
import type { Json } from '../../../model/merge-patch.js';
import { notOffered } from '../../../model/not-offered.js';
import { platformSchema } from '../../../model/platform.js';
import { resolvePatch, resolveRequest } from '../../../model/resolve.js';
import { shortRequest } from '../../support/portal.js';

const accounts: Accounts = {
  default: {
    aws: { provider: 'aws', accountId: '123456789012', reach: { type: 'public' } },
    azure: { provider: 'azure', subscriptionId: '5ab5c0de-0000-4000-8000-000000000001', tenantId: '7e4a4700-0000-4000-8000-000000000001', workerCidrs: [], endpoints: {}, reach: { type: 'public' } },
  },
};
const context = { catalogue: await loadCatalogue(), accounts };
const request = (provider: string, platform: Json = {}): Json => ({ ...shortRequest('small', 'production'), provider, platform });
const named = notOffered.map((entry): [string, typeof entry] => [entry.word, entry]);

function faultsOf(call: () => unknown) {
  try {
    call();
  } catch (error) {
    if (isClusterwrightError(error) && error.code === 'invalid-spec') return error.faults;
    throw error;
  }
  return [];
}

describe('what is known and not offered', () => {
  it.each(named)('%s is refused on both clouds, at its place, with the reason and what to write instead', (_word, { field, word, why, instead }) => {
    for (const provider of ['aws', 'azure']) {
      expect(faultsOf(() => resolveRequest(request(provider, { [field]: word }), context))).toEqual([{ pointer: `/platform/${field}`, detail: `"${word}" is not offered: ${why}; ${instead}` }]);
    }
  });

  it.each(named)('%s is refused so in a change, too', (_word, { field, word, why }) => {
    const current = resolveRequest(request('aws'), context);
    expect(faultsOf(() => resolvePatch(current, { platform: { [field]: word } }, context))).toEqual([{ pointer: `/platform/${field}`, detail: expect.stringContaining(why) as string }]);
  });

  it.each(named)('%s is no value that a schema has, and stands in the docs', (_word, { field, word, why, instead }) => {
    expect(platformSchema.safeParse({ ...resolveRequest(request('aws'), context).platform, [field]: word }).success).toBe(false);
    expect(readFileSync(new URL('../../../docs/platform.md', import.meta.url), 'utf8')).toContain(`| \`${field}: ${word}\` | ${why} | ${instead} |`);
  });

  it('says of any other word what it always says', () => {
    expect(faultsOf(() => resolveRequest(request('aws', { scanning: 'other', loadBalancers: 'other' }), context))).toEqual([
      { pointer: '/platform/scanning', detail: expect.stringMatching(/^must be one of: /) as string }, { pointer: '/platform/loadBalancers', detail: 'is not a known field' },
    ]);
  });
});
