import { describe, expect, it } from 'vitest';
import { grantFrom, grantsAt, groupOverageWarning, withGrants } from '../../../model/access-grants.js';
import { isClusterwrightError } from '../../../model/errors.js';
import type { Json } from '../../../model/merge-patch.js';
import { resolvePatch, resolveRequest } from '../../../model/resolve.js';
import { loadCatalogue } from '../../../bin/catalogue.js';
import { shortRequest } from '../../support/portal.js';
import { someSpec } from '../../support/records.js';

const now = new Date('2026-05-04T12:00:00.000Z');
const minutes = (count: number): string => new Date(now.getTime() + count * 60_000).toISOString();
const own = { id: '01JT0000000000000000000000', by: 'ann@tenant.example', at: now };
const good = { group: 'AAAAAAAA-0000-4000-8000-000000000001', role: 'operator', until: minutes(240), reason: 'Incident 4711' };
const spec = someSpec('payments-prod');

/** The faults that a call throws, by pointer. */
function faultsOf(call: () => unknown): Record<string, string> {
  try {
    call();
  } catch (error) {
    if (isClusterwrightError(error) && error.faults) return Object.fromEntries(error.faults.map(({ pointer, detail }) => [pointer, detail]));
    throw error;
  }
  return {};
}
const pointersOf = (body: Json, on = spec): string[] => Object.keys(faultsOf(() => grantFrom(body, on, own))).sort();

describe('what is asked for with a grant', () => {
  it('becomes a grant with the group as tokens have it and a time in whole seconds', () => {
    expect(grantFrom({ ...good, until: '2026-05-04T16:00:00.900Z', reason: '  Incident 4711 ' }, spec, own)).toEqual({
      id: own.id, group: 'aaaaaaaa-0000-4000-8000-000000000001', role: 'operator', until: '2026-05-04T16:00:00Z', reason: 'Incident 4711', grantedBy: 'ann@tenant.example', grantedAt: '2026-05-04T12:00:00.000Z',
    });
    expect(grantFrom({ ...good, role: 'viewer', namespaces: ['payments', 'payments'] }, spec, own)).toMatchObject({ namespaces: ['payments'] });
  });

  it('is refused with every fault at once, each with its pointer', () => {
    expect(pointersOf({ group: 'ann@tenant.example', role: 'developer', namespaces: ['payments', 'other'], until: minutes(1), reason: '', user: 'ann' })).toEqual(['/group', '/namespaces/1', '/reason', '/until', '/user']);
    expect(pointersOf({})).toEqual(['/group', '/reason', '/role', '/until']);
    expect(pointersOf([])).toEqual(['']);
  });

  it.each<readonly [string, Json, string[]]>([
    ['a time less than 5 minutes ahead', { until: minutes(4.9) }, ['/until']],
    ['a time more than 30 days ahead', { until: minutes(30 * 24 * 60 + 1) }, ['/until']],
    ['a time that is none', { until: 'tomorrow' }, ['/until']],
    ['a role of namespaces without one', { role: 'viewer' }, ['/namespaces']],
    ['a role of the cluster in a namespace', { role: 'admin', namespaces: ['payments'] }, ['/namespaces']],
    ['a role that there is not', { role: 'owner' }, ['/role']],
    ['a reason of two lines', { reason: 'Incident\n4711' }, ['/reason']],
    ['a reason that is too long', { reason: 'x'.repeat(201) }, ['/reason']],
    ['a reason with a token', { reason: 'with eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.x' }, ['/reason']],
    ['a reason with a key', { reason: '-----BEGIN PRIVATE KEY-----' }, ['/reason']],
    ['a reason with a key of AWS', { reason: 'AKIAIOSFODNN7EXAMPLE' }, ['/reason']],
    ['a reason with a password', { reason: 'see https://ann:secret@tickets.example/4711' }, ['/reason']],
  ])('is refused with %s', (_what, change, pointers) => {
    expect(pointersOf({ ...good, ...(change as object) })).toEqual(pointers);
  });

  it.each([minutes(5), minutes(30 * 24 * 60)])('may hold until %s', (until) => {
    expect(pointersOf({ ...good, until })).toEqual([]);
  });

  it('is refused while the group has the role by another grant, and not once that is over', () => {
    const granted = withGrants(spec, [grantFrom(good, spec, own)]);

    expect(pointersOf(good, granted)).toEqual(['/group']);
    expect(pointersOf({ ...good, role: 'admin' }, granted)).toEqual([]);
    expect(faultsOf(() => grantFrom({ ...good, until: minutes(600) }, granted, { ...own, at: new Date(minutes(240)) }))).toEqual({});
  });

  it('is refused beyond fifty at once', () => {
    const grant = grantFrom(good, spec, own);
    expect(pointersOf({ ...good, role: 'admin' }, withGrants(spec, Array.from({ length: 50 }, () => grant)))).toEqual(['']);
  });

  it('is warned of, with the application and the group that it takes', () => {
    const { code, detail } = groupOverageWarning(spec, good.group);
    expect(code).toBe('group-overage');
    for (const part of ['200', spec.access.entra.clientId, good.group]) expect(detail).toContain(part);
  });
});

describe('a grant', () => {
  const granted = withGrants(spec, [grantFrom({ ...good, role: 'viewer', namespaces: ['payments'] }, spec, own)]);

  it('holds before its time and not at it', () => {
    expect(grantsAt(granted, new Date(minutes(239)))).toHaveLength(1);
    expect(grantsAt(granted, new Date(minutes(240)))).toEqual([]);
  });

  it('comes into a spec and goes out of it by its own calls only, and keeps its namespaces there', async () => {
    const context = { catalogue: await loadCatalogue(), accounts: { default: { aws: { provider: 'aws' as const, accountId: '123456789012', reach: { type: 'public' as const } } } } };
    const { grants } = granted.access;

    expect(resolvePatch(granted, { labels: { team: 'a' } }, context).access.grants).toEqual(grants);
    expect(resolvePatch(granted, { access: { groups: [] } }, context).access.grants).toEqual(grants);
    for (const access of [{ grants: [] }, { grants: null }, { grants: grants.map((grant) => ({ ...grant, role: 'viewer', until: '2036-05-04T12:00:00Z' })) }]) {
      expect(Object.keys(faultsOf(() => resolvePatch(granted, { access }, context)))).toEqual(['/access/grants']);
    }
    expect(Object.keys(faultsOf(() => resolvePatch(granted, { namespaces: [] }, context)))).toEqual(['/access/grants/0/namespaces/0']);
    const { access } = shortRequest('small', 'production') as { access: object };
    expect(Object.keys(faultsOf(() => resolveRequest({ ...shortRequest('small', 'production'), access: { ...access, grants } }, context)))).toContain('/access/grants');
  });
});
