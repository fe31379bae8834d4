import { describe, expect, it } from 'vitest';
import type { Role } from '../../../model/spec.js';
import { valuesOf } from '../../../programs/platform/values/index.js';
import { inputOf, specOf } from './clusters.js';

const group = (last: number) => `11111111-aaaa-4aaa-8aaa-00000000000${last}`;
const tenant = '99999999-9999-4999-8999-999999999999';

/** Grafana's settings of sign-in by Entra ID, for groups with roles. */
function signIn(groups: { id: string; role: Role; namespaces?: string[] }[]): Record<string, unknown> {
  const { grafana } = valuesOf('kube-prometheus-stack', inputOf(specOf('production', { access: { groups } }))) as { grafana: { 'grafana.ini': Record<string, Record<string, unknown>> } };
  return grafana['grafana.ini']['auth.azuread'] ?? {};
}

describe('sign-in to Grafana', () => {
  it('goes by the tenant and the application of the spec, without a client secret', () => {
    const settings = signIn([{ id: group(1), role: 'admin' }]);
    expect(settings).toMatchObject({
      enabled: true, client_id: '88888888-8888-4888-8888-888888888888', allowed_organizations: tenant, client_authentication: 'none', use_pkce: true,
      auth_url: `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/authorize`, token_url: `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`,
    });
    expect(settings).not.toHaveProperty('client_secret');
  });

  it('gives groups of the whole cluster their role, and refuses all others, since it shows the logs of every namespace', () => {
    const settings = signIn([
      { id: group(1).toUpperCase(), role: 'admin' }, { id: group(2), role: 'operator' },
      { id: group(3), role: 'developer', namespaces: ['payments'] }, { id: group(4), role: 'viewer', namespaces: ['payments'] },
    ]);
    // Entra writes ids in lower case, and Grafana compares letter by letter.
    expect(settings).toMatchObject({ allowed_groups: `${group(1)},${group(2)}`, org_mapping: `${group(1)}:1:Admin,${group(2)}:1:Editor`, role_attribute_strict: true });
  });

  it.each([[['admin', 'operator']], [['operator', 'admin']]] as const)('names a group with the roles %s once, as administrators', (both) => {
    expect(signIn(both.map((role) => ({ id: group(1), role })))).toMatchObject({ allowed_groups: group(1), org_mapping: `${group(1)}:1:Admin` });
  });

  it('is off where no group may sign in: without a list of groups Grafana would let in everybody of the tenant', () => {
    const settings = signIn([{ id: group(3), role: 'developer', namespaces: ['payments'] }]);
    expect(settings).toMatchObject({ enabled: false });
    expect(settings).not.toHaveProperty('allowed_groups');
  });
});
