import type { Tenant, User } from './tenant.js';

/** The second tenant: somebody else's, with a guest who has no business in our clusters. */
export const otherTenantId = '7e4a4700-0000-4000-8000-000000000002';

/** Groups of the built-in directory, one for each role of a cluster. */
export const builtInGroups = {
  admin: '11111111-aaaa-4aaa-8aaa-000000000001',
  operator: '11111111-aaaa-4aaa-8aaa-000000000002',
  developer: '11111111-aaaa-4aaa-8aaa-000000000003',
  viewer: '11111111-aaaa-4aaa-8aaa-000000000004',
} as const;

/** The built-in application with a secret, for client credentials. */
export const pipeline = { id: 'a99c0000-0000-4000-8000-000000000001', secret: 'sandbox-pipeline-secret' } as const;

const numbered = (prefix: string, index: number): string => `${prefix}-0000-4000-8000-${String(index).padStart(12, '0')}`;

const manyGroups = Array.from({ length: 201 }, (_, index) => ({ id: numbered('66666666', index + 1), displayName: `group ${index + 1}` }));

const user = (index: number, name: string, groups: readonly string[]): User => ({
  id: numbered('05e40000', index), userPrincipalName: `${name}@sandbox.example`, displayName: name, groups: [...groups], roles: {},
});

const standard: Tenant = {
  displayName: 'Sandbox',
  users: [
    user(1, 'admin', [builtInGroups.admin]),
    user(2, 'operator', [builtInGroups.operator]),
    user(3, 'developer', [builtInGroups.developer]),
    user(4, 'viewer', [builtInGroups.viewer]),
    user(5, 'nobody', []),
    user(6, 'many-groups', [builtInGroups.admin, ...manyGroups.map(({ id }) => id)]),
  ],
  groups: [...Object.entries(builtInGroups).map(([role, id]) => ({ id, displayName: `${role}s` })), ...manyGroups],
  applications: [{
    ...pipeline, displayName: 'pipeline', servicePrincipalId: '5e41c000-0000-4000-8000-000000000001', redirectUris: [],
    groups: [builtInGroups.developer], roles: { [pipeline.id]: ['Pipeline.Run'] },
  }],
};

const other: Tenant = {
  displayName: 'Other',
  users: [{ id: numbered('05e40000', 101), userPrincipalName: 'visitor@other.example', displayName: 'visitor', groups: [numbered('77777777', 1)], roles: {} }],
  groups: [{ id: numbered('77777777', 1), displayName: 'visitors' }],
  applications: [],
};

/** The directory of a tenant that nobody has put: the other tenant has its own, and all that a spec may name have the standard one. */
export function builtInTenant(tenantId: string): Tenant {
  return tenantId === otherTenantId ? other : standard;
}
