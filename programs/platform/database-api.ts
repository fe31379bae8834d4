import { CustomResource } from '@pulumi/kubernetes/apiextensions/customResource.js';
import type * as pulumi from '@pulumi/pulumi';
import type { PlatformContext } from './context.js';
import { databaseOperator } from './databases.js';
import { managedLabels } from './names.js';

/**
 * Under Cilium, lets the instances of databases reach the API server, in which each keeps who leads: the fences of team namespaces let nothing out. Policies of Kubernetes cannot say it, for the API server is no pod and its
 * addresses are those of nodes. https://docs.cilium.io/en/stable/security/policy/language/#entities-based
 */
export function letDatabasesReachApi({ input: { spec }, options }: PlatformContext, network: pulumi.Resource): void {
  const operator = databaseOperator(spec.platform);
  if (operator === undefined || spec.platform.cni !== 'cilium') return;
  const [label, value] = operator.instance;
  new CustomResource('policy-databases', {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumClusterwideNetworkPolicy',
    metadata: { name: 'allow-databases-api', labels: managedLabels },
    spec: {
      endpointSelector: { matchLabels: { [`k8s:${label}`]: value } },
      // Where no other policy closes the namespace, this one does not either.
      enableDefaultDeny: { ingress: false, egress: false },
      egress: [{ toEntities: ['kube-apiserver'] }],
    },
  }, { ...options, dependsOn: network });
}
