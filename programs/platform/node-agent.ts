import { DaemonSet } from '@pulumi/kubernetes/apps/v1/daemonSet.js';
import { ServiceAccount } from '@pulumi/kubernetes/core/v1/serviceAccount.js';
import { ClusterRoleBinding } from '@pulumi/kubernetes/rbac/v1/clusterRoleBinding.js';
import type * as pulumi from '@pulumi/pulumi';
import type { core } from '@pulumi/kubernetes/types/input.js';
import type { PlatformContext } from './context.js';
import { managedLabels } from './names.js';

/** Where agents of the nodes are. */
export const agentNamespace = 'kube-system';

/** What of an agent is its own. */
interface NodeAgent {
  readonly name: string;
  /** Its cluster role: of Kubernetes, or the resource that makes it. */
  readonly role: { readonly name: string; readonly made?: pulumi.Resource };
  readonly podAnnotations?: Readonly<Record<string, string>>;
  readonly pod: core.v1.PodSpec;
  readonly after: readonly pulumi.Resource[];
}

/** A pod on every node that is not waited for, with an account of its own: what serves Services and policies has to be there before the pod network is. */
export function nodeAgent({ options }: PlatformContext, { name, role, podAnnotations, pod, after }: NodeAgent): DaemonSet {
  const metadata = { name, namespace: agentNamespace, labels: managedLabels };
  const account = new ServiceAccount(name, { metadata }, options);
  const binding = new ClusterRoleBinding(name, {
    metadata: { name: `clusterwright:${name}`, labels: managedLabels },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role.name },
    subjects: [{ kind: 'ServiceAccount', name, namespace: agentNamespace }],
  }, role.made === undefined ? options : { ...options, dependsOn: role.made });
  const labels = { 'app.kubernetes.io/name': name };
  return new DaemonSet(name, {
    metadata: { ...metadata, labels: { ...managedLabels, ...labels }, annotations: { 'pulumi.com/skipAwait': 'true' } },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels, ...(podAnnotations === undefined ? {} : { annotations: podAnnotations }) }, spec: pod } },
  }, { ...options, dependsOn: [account, binding, ...after] });
}
