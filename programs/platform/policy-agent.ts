import { ClusterRole } from '@pulumi/kubernetes/rbac/v1/clusterRole.js';
import type * as pulumi from '@pulumi/pulumi';
import type { AddonName } from './charts.js';
import type { PlatformContext } from './context.js';
import { managedLabels } from './names.js';
import { nodeAgent } from './node-agent.js';

const name = 'kube-network-policies';

/** What it reads: whom a policy selects, and the policies. */
export const policyAgentRules = [
  { apiGroups: [''], resources: ['pods', 'nodes', 'namespaces'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: ['list', 'watch'] },
];

/**
 * kube-network-policies, which enforces network policies where the pod network does not: under Amazon's alone, for Flannel's chart brings it by itself. It is there before the pod network is, so that no pod
 * starts without it, and not waited for: what it reads it asks for by the service address. Gives what has to come after it. https://github.com/kubernetes-sigs/kube-network-policies
 */
export function enforcePolicies(context: PlatformContext, after: readonly pulumi.Resource[]): [AddonName, pulumi.Resource][] {
  if (context.input.spec.platform.cni !== 'aws-vpc-cni') return [];
  const role = new ClusterRole(name, { metadata: { name: `clusterwright:${name}`, labels: managedLabels }, rules: policyAgentRules }, context.options);
  return [['aws-vpc-cni', nodeAgent(context, { name, role: { name: `clusterwright:${name}`, made: role }, pod: policyAgentPod(), after })]];
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
