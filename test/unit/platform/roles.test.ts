import { describe, expect, it } from 'vitest';
import { bindingsOf } from '../../../programs/platform/access.js';
import { roleRules, type PolicyRule } from '../../../programs/platform/roles.js';
import { roles, type Role } from '../../../model/spec.js';
import { specOf } from './clusters.js';

/** RBAC's own answer: whether any rule allows the verb on the resource of the group. */
function allows(role: Role, verb: string, group: string, resource: string): boolean {
  const has = (values: readonly string[] | undefined, wanted: string) => values?.includes('*') === true || values?.includes(wanted) === true;
  return roleRules[role].some((rule: PolicyRule) => has(rule.apiGroups, group) && has(rule.resources, resource) && has(rule.verbs, verb));
}

const allVerbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection', 'bind', 'escalate', 'impersonate', 'approve'];
const changing = allVerbs.filter((verb) => !['get', 'list', 'watch'].includes(verb));
const rbac = ['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'];

describe('roles', () => {
  it('say who may do what', () => {
    const table: readonly (readonly [verb: string, group: string, resource: string, who: readonly Role[]])[] = [
      ['get', '', 'secrets', ['admin', 'developer']],
      ['create', '', 'pods', ['admin', 'developer']],
      ['create', '', 'pods/exec', ['admin', 'developer']],
      ['get', '', 'pods/log', ['admin', 'operator', 'developer', 'viewer']],
      ['list', 'apps', 'deployments', ['admin', 'operator', 'developer', 'viewer']],
      ['patch', 'apps', 'deployments', ['admin', 'developer']],
      ['patch', 'apps', 'deployments/scale', ['admin', 'operator', 'developer']],
      ['patch', '', 'nodes', ['admin', 'operator']],
      ['create', '', 'pods/eviction', ['admin', 'operator', 'developer']],
      ['create', 'networking.k8s.io', 'networkpolicies', ['admin', 'operator']],
      ['create', 'gateway.networking.k8s.io', 'httproutes', ['admin', 'developer']],
      ['create', 'gateway.networking.k8s.io', 'gateways', ['admin']],
      ['create', 'gateway.networking.k8s.io', 'gatewayclasses', ['admin']],
      ['create', 'gateway.networking.k8s.io', 'referencegrants', ['admin']],
      ['list', 'gateway.networking.k8s.io', 'gateways', ['admin', 'operator']],
      ['create', 'security.istio.io', 'authorizationpolicies', ['admin', 'developer']],
      ['patch', 'security.istio.io', 'peerauthentications', ['admin']],
      ['list', 'security.istio.io', 'peerauthentications', ['admin', 'operator']],
      ['patch', '', 'resourcequotas', ['admin']],
      ['patch', '', 'namespaces', ['admin']],
      ['create', 'rbac.authorization.k8s.io', 'rolebindings', ['admin']],
    ];
    for (const [verb, group, resource, who] of table) {
      expect(roles.filter((role) => allows(role, verb, group, resource)), `${verb} ${resource}`).toEqual(who);
    }
  });

  it('give the operator no secret, no access rule, and no way around either', () => {
    for (const verb of allVerbs) {
      expect(allows('operator', verb, '', 'secrets'), verb).toBe(false);
      for (const resource of rbac) expect(allows('operator', verb, 'rbac.authorization.k8s.io', resource), `${verb} ${resource}`).toBe(false);
    }
    const waysAround: readonly (readonly [group: string, resource: string])[] = [
      ['', 'pods/exec'], ['', 'pods/attach'], ['', 'pods/ephemeralcontainers'], ['', 'pods/proxy'], ['', 'nodes/proxy'], ['', 'services/proxy'], ['', 'serviceaccounts/token'],
      ['', 'serviceaccounts'], ['', 'configmaps'], ['apps', 'deployments'], ['apps', 'daemonsets'], ['apps', 'statefulsets'], ['apps', 'replicasets'], ['batch', 'cronjobs'],
      ['certificates.k8s.io', 'certificatesigningrequests/approval'], ['admissionregistration.k8s.io', 'mutatingwebhookconfigurations'], ['velero.io', 'backups'], ['velero.io', 'restores'], ['resources.cattle.io', 'backups'], ['resources.cattle.io', 'restores'],
    ];
    for (const [group, resource] of waysAround) {
      for (const verb of ['create', 'update', 'patch']) expect(allows('operator', verb, group, resource), `${verb} ${resource}`).toBe(false);
    }
    for (const verb of allVerbs) for (const resource of ['pods/exec', 'pods/attach', 'pods/proxy', 'nodes/proxy', 'services/proxy']) expect(allows('operator', verb, '', resource), resource).toBe(false);
    expect(allows('operator', 'create', 'batch', 'jobs')).toBe(false);
  });

  it('let a viewer see, but change nothing and see no secret', () => {
    const verbs = new Set(roleRules.viewer.flatMap((rule) => rule.verbs));
    expect(changing.filter((verb) => verbs.has(verb))).toEqual([]);
    expect(roleRules.viewer.flatMap((rule) => rule.resources ?? [])).not.toContain('secrets');
    expect(roleRules.viewer.flatMap((rule) => [...(rule.resources ?? []), ...(rule.apiGroups ?? [])])).not.toContain('*');
  });

  it('keep the fence of a namespace out of its developers\' hands', () => {
    const fence: readonly (readonly [group: string, resource: string])[] = [
      ['', 'resourcequotas'], ['', 'limitranges'], ['', 'namespaces'], ['networking.k8s.io', 'networkpolicies'], ...rbac.map((name) => ['rbac.authorization.k8s.io', name] as const),
    ];
    for (const [group, resource] of fence) {
      for (const verb of changing) expect(allows('developer', verb, group, resource), `${verb} ${resource}`).toBe(false);
    }
  });
});

describe('bindings', () => {
  it('bind admin and operator in the cluster, developer and viewer in each of their namespaces', () => {
    expect(bindingsOf(specOf('production')).map(({ role, namespace }) => [role, namespace])).toEqual([
      ['admin', null], ['operator', null], ['developer', 'payments'], ['developer', 'ledger'], ['viewer', 'payments'],
    ]);
  });

  it('write object ids as tokens carry them, in lower case', () => {
    for (const { groupId } of bindingsOf(specOf('production'))) expect(groupId).toBe(groupId.toLowerCase());
  });
});
