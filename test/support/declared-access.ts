import * as pulumi from '@pulumi/pulumi';
import type { ClusterSpec } from '../../model/spec.js';
import { platform } from '../../programs/platform/index.js';
import { inputOf } from '../unit/platform/clusters.js';

/** Where the objects that access is made of are posted to, by type, in the order in which they can be. */
const places: Readonly<Record<string, string>> = {
  'kubernetes:core/v1:Namespace': '/api/v1/namespaces',
  'kubernetes:core/v1:ConfigMap': '/api/v1/namespaces/NAMESPACE/configmaps',
  'kubernetes:rbac.authorization.k8s.io/v1:ClusterRole': '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  'kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding': '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
  'kubernetes:rbac.authorization.k8s.io/v1:RoleBinding': '/apis/rbac.authorization.k8s.io/v1/namespaces/NAMESPACE/rolebindings',
};

/** What the platform's program declares of namespaces and access, with where each is posted to. */
export async function declaredAccess(spec: ClusterSpec): Promise<{ kind: string; where: string; object: unknown }[]> {
  const found: { kind: string; where: string; object: unknown }[] = [];
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      const where = places[type];
      const { metadata } = inputs as { metadata?: { namespace?: string } };
      if (where !== undefined) found.push({ kind: type, where: where.replace('NAMESPACE', metadata?.namespace ?? ''), object: inputs });
      return { id: name, state: inputs as Record<string, unknown> };
    },
    call: () => ({}),
  }, 'clusterwright', 'payments-prod-platform', false);
  await platform(inputOf(spec))();
  await pulumi.runtime.disconnect();
  return found.sort((left, right) => Object.keys(places).indexOf(left.kind) - Object.keys(places).indexOf(right.kind));
}
