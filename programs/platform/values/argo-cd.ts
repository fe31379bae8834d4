import { stringify } from 'yaml';
import type { ClusterSpec } from '../../../model/spec.js';
import { bindingsOf, type Binding } from '../access.js';
import { highlyAvailable, monitored, type ValuesInput } from './context.js';

/** Argo CD: sign-in by Microsoft Entra ID, what the groups of the spec may do, replicas, metrics and alerts. */
export function argoCd({ spec }: ValuesInput): Record<string, unknown> {
  const replicas = highlyAvailable(spec) ? 2 : 1;
  const metrics = { enabled: monitored(spec), serviceMonitor: { enabled: monitored(spec) } };
  return {
    configs: { cm: { 'oidc.config': oidcConfig(spec) }, rbac: { 'policy.csv': policy(spec) } },
    controller: { metrics },
    server: { replicas, metrics },
    repoServer: { replicas, metrics },
    applicationSet: { replicas, metrics },
  };
}

/** Sign-in as a public client: a proof key (PKCE) instead of a client secret, which would have to be kept and renewed. */
function oidcConfig({ access: { entra } }: ClusterSpec): string {
  return stringify({
    name: 'Microsoft Entra ID',
    issuer: `https://login.microsoftonline.com/${entra.tenantId}/v2.0`,
    clientID: entra.clientId,
    enablePKCEAuthentication: true,
    // Groups come as a claim; Entra ID refuses a scope of that name, which Argo CD asks for by default.
    requestedScopes: ['openid', 'profile', 'email'],
    requestedIDTokenClaims: { groups: { essential: true } },
  });
}

/** The role in Argo CD that a binding gives: `developer` and `viewer` hold in the project that is named as their namespace. */
function roleName({ role, namespace }: Binding): string {
  return `role:${namespace === null ? role : `${namespace}-${role}`}`;
}

/** What a role may do beyond what Argo CD has built in: `role:admin`, and `role:readonly`, which sees everything but secrets. */
function permissions(binding: Binding): string[] {
  const { role, namespace } = binding;
  const name = roleName(binding);
  const may = (resource: string, action: string, object: string) => `p, ${name}, ${resource}, ${action}, ${object}, allow`;
  const inProject = `${namespace ?? ''}/*`;
  const see = () => [may('projects', 'get', namespace ?? ''), may('applications', 'get', inProject), may('logs', 'get', inProject)];
  switch (role) {
    case 'admin': return [];
    case 'operator': return [`g, ${name}, role:readonly`, may('applications', 'sync', '*/*')];
    case 'developer': return [...see(), ...['create', 'update', 'delete', 'sync', 'action/*'].map((action) => may('applications', action, inProject))];
    case 'viewer': return see();
  }
}

/** The policy: the roles that are given, and to which groups. A project (argocd-apps) bounds what its applications reach. */
function policy(spec: ClusterSpec): string {
  const bindings = bindingsOf(spec);
  return [...new Set([...bindings.flatMap(permissions), ...bindings.map((binding) => `g, ${binding.groupId}, ${roleName(binding)}`)])].map((line) => `${line}\n`).join('');
}
