import { expect } from 'vitest';
import type { Provider } from '../../model/spec.js';
import { realRequest, type RealCluster } from '../real-nodes/real-cluster.js';
import type { Portal } from '../support/portal.js';

/** A real cluster that has a network and nothing else on it: what it is looked at for lies below the platform. Flannel leaves Services to kube-proxy, which the platform brings in the cluster's release. */
export function bareRequest(name: string, provider: Provider): object {
  return { ...realRequest(name, provider), platform: { cni: 'flannel', monitoring: 'none', logging: 'none', backup: 'none', gitops: 'none' } };
}

/** The Deployment `web`, whose pods end when they are told to. */
export function webApplication(replicas: number): string {
  return `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: 'busybox:1.35', imagePullPolicy: Never, command: [sh, -c, 'trap exit TERM; sleep 86400 & wait'], securityContext: {runAsUser: 65534}}]
`;
}

/** Makes the cluster, applies the objects, `web` among them, and waits until that runs. */
export async function startWeb(portal: Portal, cluster: RealCluster, request: object, objects: string): Promise<void> {
  expect(await portal.change('POST', '/clusters', request)).toMatchObject({ state: 'succeeded', error: null });
  await cluster.kubectl(['apply', '--filename', '-'], objects);
  await cluster.kubectl(['rollout', 'status', 'deployment', 'web', '--timeout', '120s', '--request-timeout', '130s']);
}
