import type { Namespace } from '@pulumi/kubernetes/core/v1/namespace.js';
import { ClusterRole } from '@pulumi/kubernetes/rbac/v1/clusterRole.js';
import { ClusterRoleBinding } from '@pulumi/kubernetes/rbac/v1/clusterRoleBinding.js';
import { RoleBinding } from '@pulumi/kubernetes/rbac/v1/roleBinding.js';
import { grantLabel, untilAnnotation } from '../../model/access-grants.js';
import { entraGroupName, pipelineSubject } from '../../model/names.js';
import { roles, type ClusterSpec, type Role } from '../../model/spec.js';
import type { PlatformContext } from './context.js';
import { managedLabels } from './names.js';
import { clusterRoleName, isNamespaced, roleRules } from './roles.js';

/** One binding of a role to an Entra group: in a namespace, or (null) in the whole cluster. */
export interface Binding {
  readonly role: Role;
  /** Object id, lower case. */
  readonly groupId: string;
  readonly namespace: string | null;
}

/** The bindings of people that a spec asks for. Only groups are ever bound, never users. */
export function bindingsOf(spec: ClusterSpec): Binding[] {
  return spec.access.groups.flatMap(({ id, role, namespaces }): Binding[] => {
    const groupId = id.toLowerCase();
    return isNamespaced(role) ? [...new Set(namespaces ?? [])].map((namespace) => ({ role, groupId, namespace })) : [{ role, groupId, namespace: null }];
  });
}

/** Declares the four roles and their bindings, those that end by themselves included. A binding is named by what it binds, so a changed list of groups or pipelines touches only what was added or taken away. */
export function grantAccess({ input: { spec, grants }, options }: PlatformContext, namespaces: ReadonlyMap<string, Namespace>): void {
  const clusterRoles = new Map(roles.map((role) => [
    role,
    new ClusterRole(`role-${role}`, { metadata: { name: clusterRoleName(role), labels: managedLabels }, rules: roleRules[role].map((rule) => ({ ...rule })) }, options),
  ]));
  /** The role, and the group that has it. */
  const bound = (role: Role, group: string) => ({
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: clusterRoles.get(role)?.metadata.name ?? clusterRoleName(role) },
    subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: group }],
  });
  const within = (namespace: string, name: string) => ({ name, namespace: namespaces.get(namespace)?.metadata.name ?? namespace, labels: managedLabels });
  for (const { role, groupId, namespace } of bindingsOf(spec)) {
    const name = `${clusterRoleName(role)}:${groupId}`;
    if (namespace === null) {
      new ClusterRoleBinding(`binding-${role}-${groupId}`, { metadata: { name, labels: managedLabels }, ...bound(role, entraGroupName(groupId)) }, options);
    } else {
      new RoleBinding(`binding-${role}-${namespace}-${groupId}`, { metadata: within(namespace, name), ...bound(role, entraGroupName(groupId)) }, options);
    }
  }
  for (const { id, group, role, namespaces: places, until } of grants) {
    // Named by the grant and not by what it binds: no two have one name, so that a control plane which takes one away never takes away what has come after it.
    const name = `clusterwright:grant:${id}`;
    const ends = { labels: { ...managedLabels, [grantLabel]: id }, annotations: { [untilAnnotation]: until } };
    if (places === undefined) new ClusterRoleBinding(`grant-${id}`, { metadata: { name, ...ends }, ...bound(role, entraGroupName(group)) }, options);
    for (const namespace of places ?? []) new RoleBinding(`grant-${id}-${namespace}`, { metadata: { ...within(namespace, name), ...ends }, ...bound(role, entraGroupName(group)) }, options);
  }
  for (const { name, role, namespace } of spec.access.pipelines) {
    const group = pipelineSubject(name);
    new RoleBinding(`binding-${role}-${namespace}-pipeline-${name}`, { metadata: within(namespace, `${clusterRoleName(role)}:${group}`), ...bound(role, group) }, options);
  }
}
