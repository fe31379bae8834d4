import { describe, expect, it } from 'vitest';
import { grantsOf, mayOver, mayOverAll, maySomewhere, parseTenancy, quotaOf, quotaOfChange, visibleOwners, type Caller } from '../../../model/tenancy.js';
import { specOf } from '../platform/clusters.js';

const group = '00000000-0000-4000-8000-000000000001';
const tenancy = parseTenancy({
  grants: [{ group, role: 'operator', owners: ['payments', 'search'] }, { applicationRole: 'Portal', role: 'viewer', owners: ['*'] }],
  quotas: { payments: { clusters: 1 }, '*': { clusters: 3 } },
}, 'tenancy.yaml');
const caller = (of: { groups?: string[]; applicationRoles?: string[] }): Caller => ({ kind: 'person', id: 'person:1', name: 'one', grants: grantsOf(tenancy, { groups: [], applicationRoles: [], ...of }) });

describe('a caller', () => {
  it('has the roles of its groups over their owners, and those below', () => {
    const operator = caller({ groups: [group] });
    expect(['viewer', 'operator', 'admin'].map((role) => mayOver(operator, role as 'viewer', 'payments'))).toEqual([true, true, false]);
    expect(mayOver(operator, 'viewer', 'others')).toBe(false);
    expect([mayOverAll(operator, 'viewer'), maySomewhere(operator, 'operator'), visibleOwners(operator)]).toEqual([false, true, ['payments', 'search']]);
  });

  it('sees all owners by a role over "*"', () => {
    const portal = caller({ applicationRoles: ['Portal'] });
    expect([mayOver(portal, 'viewer', 'anybody'), mayOver(portal, 'operator', 'anybody'), visibleOwners(portal)]).toEqual([true, false, undefined]);
  });

  it('has nothing by groups and roles that the file does not name', () => {
    expect(caller({ groups: ['00000000-0000-4000-8000-000000000002'], applicationRoles: ['portal'] }).grants).toEqual([]);
  });
});

describe('a quota', () => {
  it('is the owner\'s own, or that for everybody', () => {
    expect([quotaOf(tenancy, 'payments'), quotaOf(tenancy, 'others'), quotaOf(tenancy, 'toString')]).toEqual([{ clusters: 1 }, { clusters: 3 }, { clusters: 3 }]);
    expect(quotaOf({ grants: [], quotas: {} }, 'payments')).toBeUndefined();
  });

  it('that was made smaller keeps nobody from changes that ask for no more', () => {
    const before = specOf('production');
    const quota = { clusters: 0, nodes: 1, machineTypes: ['m7i.8xlarge'], regions: [] };
    expect(quotaOfChange(quota, before, before)).toEqual({ machineTypes: ['m7i.8xlarge', 'm7i.large', 'm7i.xlarge'], nodes: undefined });
    expect(quotaOfChange(quota, before, { ...before, nodePools: before.nodePools.map((pool) => ({ ...pool, maxNodes: 11 })) }).nodes).toBe(1);
  });
});

describe('the tenancy file', () => {
  it('is refused with all its faults', () => {
    expect(() => parseTenancy({ grants: [{ role: 'viewer', owners: ['a'] }, { group, applicationRole: 'x', role: 'root', owners: [] }], quota: {} }, 'tenancy.yaml'))
      .toThrow(/\/grants\/0 must name either a group or an applicationRole.*\/grants\/1\/role must be one of.*\/grants\/1\/owners.*\/quota is not a known field/);
  });
});
