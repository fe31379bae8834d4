import { DaemonSet } from '@pulumi/kubernetes/apps/v1/daemonSet.js';
import { ServiceAccount } from '@pulumi/kubernetes/core/v1/serviceAccount.js';
import { ClusterRole } from '@pulumi/kubernetes/rbac/v1/clusterRole.js';
import { ClusterRoleBinding } from '@pulumi/kubernetes/rbac/v1/clusterRoleBinding.js';
import type * as pulumi from '@pulumi/pulumi';
import type { AddonName } from './charts.js';
import type { PlatformContext } from './context.js';
import { managedLabels } from './names.js';

const name = 'kube-network-policies';
const namespace = 'kube-system';

/** What it reads: whom a policy selects, and the policies. */
export const policyAgentRules = [
  { apiGroups: [''], resources: ['pods', 'nodes', 'namespaces'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: ['list', 'watch'] },
];

/**
 * kube-network-policies, which enforces network policies where the pod network does not: under Amazon's alone, for Flannel's chart brings it by itself. It is there before the pod network is, so that no pod
 * starts without it, and not waited for: what it reads it asks for by the service address. Gives what has to come after it. https://github.com/kubernetes-sigs/kube-network-policies
 */
export function enforcePolicies({ input: { spec }, options }: PlatformContext, after: readonly pulumi.Resource[]): [AddonName, pulumi.Resource][] {
  if (spec.platform.cni !== 'aws-vpc-cni') return [];
  const metadata = { name, namespace, labels: managedLabels };
  const account = new ServiceAccount(name, { metadata }, options);
  const role = new ClusterRole(name, { metadata: { name: `clusterwright:${name}`, labels: managedLabels }, rules: policyAgentRules }, options);
  const binding = new ClusterRoleBinding(name, {
    metadata: { name: `clusterwright:${name}`, labels: managedLabels },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: `clusterwright:${name}` },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  }, { ...options, dependsOn: role });
  const labels = { 'app.kubernetes.io/name': name };
  const agents = new DaemonSet(name, {
    metadata: { ...metadata, labels: { ...managedLabels, ...labels }, annotations: { 'pulumi.com/skipAwait': 'true' } },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: policyAgentPod() } },
  }, { ...options, dependsOn: [account, binding, ...after] });
  return [['aws-vpc-cni', agents]];
}

/** The pod: on every node, with the image, arguments and rights that Flannel's chart v0.28.9 gives it. See templates/charts/flannel.yaml on the arguments. */
export function policyAgentPod() {
  return {
    serviceAccountName: name,
    hostNetwork: true,
    priorityClassName: 'system-node-critical',
    tolerations: [{ operator: 'Exists' }],
    containers: [{
      name,
      image: 'registry.k8s.io/networking/kube-network-policies:v1.0.0',
      command: ['/bin/netpol', '--hostname-override=$(MY_NODE_NAME)', '--fail-open=false', '--disable-nri=true', '--metrics-bind-address=127.0.0.1:9080', '--v=1'],
      env: [{ name: 'MY_NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
      resources: { requests: { cpu: '100m', memory: '50Mi' }, limits: { memory: '256Mi' } },
      securityContext: { privileged: true },
      volumeMounts: [{ name: 'lib-modules', mountPath: '/lib/modules', readOnly: true }],
    }],
    volumes: [{ name: 'lib-modules', hostPath: { path: '/lib/modules' } }],
  };
}
