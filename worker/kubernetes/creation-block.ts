/** Name of the policy and its binding. */
const name = 'clusterwright-deletion';
const group = 'admissionregistration.k8s.io/v1';

/** One thing that a cluster that is being deleted no longer makes. Each expression says which requests are let through. */
const refusals = [
  {
    expression: "request.resource.resource != 'services' || object.spec.type != 'LoadBalancer' || (oldObject != null && oldObject.spec.type == 'LoadBalancer')",
    message: 'the cluster is being deleted: no new load balancers',
  },
  { expression: "request.resource.resource != 'gateways'", message: 'the cluster is being deleted: no new gateways' },
  { expression: "request.resource.resource != 'persistentvolumeclaims'", message: 'the cluster is being deleted: no new volumes' },
  {
    expression: "request.resource.resource != 'pods' || !has(object.spec.volumes) || !object.spec.volumes.exists(v, has(v.persistentVolumeClaim) || has(v.ephemeral))",
    message: 'the cluster is being deleted: no new pods with volumes',
  },
];

/**
 * What keeps a cluster from making anything new in the cloud while it is drained: a ValidatingAdmissionPolicy (Kubernetes 1.30 and later) and its
 * binding, each with its path. It holds for everybody: the controllers that would make claims and pods anew are those it is for, the system's own
 * pods mount no claims, and letting go of what is there (finalizers, status) is an update, which passes.
 */
export const creationBlock = [
  {
    path: `/apis/${group}/validatingadmissionpolicies/${name}`,
    object: {
      apiVersion: group, kind: 'ValidatingAdmissionPolicy', metadata: { name },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          resourceRules: [
            { apiGroups: [''], apiVersions: ['*'], operations: ['CREATE', 'UPDATE'], resources: ['services'] },
            { apiGroups: [''], apiVersions: ['*'], operations: ['CREATE'], resources: ['persistentvolumeclaims', 'pods'] },
            { apiGroups: ['gateway.networking.k8s.io'], apiVersions: ['*'], operations: ['CREATE'], resources: ['gateways'] },
          ],
        },
        validations: refusals.map((refusal) => ({ ...refusal, reason: 'Forbidden' })),
      },
    },
  },
  {
    path: `/apis/${group}/validatingadmissionpolicybindings/${name}`,
    object: { apiVersion: group, kind: 'ValidatingAdmissionPolicyBinding', metadata: { name }, spec: { policyName: name, validationActions: ['Deny'] } },
  },
] as const;

/** What is tried (without making it) to see whether the block has taken hold: API servers read policies with a delay. */
export const blockedExample = {
  path: '/api/v1/namespaces/default/services',
  object: {
    apiVersion: 'v1', kind: 'Service', metadata: { name: 'clusterwright-deletion-check' },
    spec: { type: 'LoadBalancer', selector: { 'clusterwright.io/none': 'none' }, ports: [{ port: 80, protocol: 'TCP' }] },
  },
} as const;
