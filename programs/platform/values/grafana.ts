import type { ClusterSpec, Role } from '../../../model/spec.js';
import { bindingsOf } from '../access.js';

/**
 * What a role of the cluster is in Grafana, whose data sources show metrics and logs of all namespaces to everybody who is let in: so those whose role holds in some namespaces only have none. There is no
 * reader among the roles of the whole cluster.
 */
const grafanaRoles: Readonly<Record<Role, 'Admin' | 'Editor' | undefined>> = { admin: 'Admin', operator: 'Editor', developer: undefined, viewer: undefined };
/** The one organisation that Grafana begins with. */
const organisation = 1;

/** The groups that Grafana lets in, each once: of a group that is named twice Grafana would take the role that comes last. */
function grafanaGroups(spec: ClusterSpec): Map<string, 'Admin' | 'Editor'> {
  const groups = new Map<string, 'Admin' | 'Editor'>();
  for (const { groupId, role } of bindingsOf(spec)) {
    const granted = grafanaRoles[role];
    if (granted && groups.get(groupId) !== 'Admin') groups.set(groupId, granted);
  }
  return groups;
}

/**
 * Sign-in to Grafana by Microsoft Entra ID, as a public client with a proof key: there is no client secret to keep or renew. Grafana checks the token's signature, tenant and application itself. Off where
 * there is no group to let in, for an empty list of groups would let in the whole tenant.
 */
export function grafanaSignIn(spec: ClusterSpec): Record<string, unknown> {
  const groups = grafanaGroups(spec);
  if (groups.size === 0) return { 'auth.azuread': { enabled: false } };
  const { tenantId, clientId } = spec.access.entra;
  const endpoint = `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0`;
  return {
    'auth.azuread': {
      enabled: true,
      client_id: clientId,
      auth_url: `${endpoint}/authorize`,
      token_url: `${endpoint}/token`,
      allowed_organizations: tenantId,
      allowed_groups: [...groups.keys()].join(','),
      org_mapping: Array.from(groups, ([group, role]) => `${group}:${organisation}:${role}`).join(','),
    },
  };
}
