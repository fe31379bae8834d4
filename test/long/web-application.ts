import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Provider } from '../../model/spec.js';
import { realRequest, type RealCluster } from '../real-nodes/real-cluster.js';
import { kubernetesProgram } from '../support/kubernetes-programs.js';
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

/** Sees every change of how many replicas of `web` are available. Returns what ends it, and tells the fewest that there were. */
export function watchWeb(kubeconfig: string): () => Promise<number> {
  let fewest = Infinity;
  const stopping = new AbortController();
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      const kubectl = spawn(kubernetesProgram('1.35', 'kubectl'), ['--kubeconfig', kubeconfig, 'get', 'deployment', 'web', '--watch', '--output', 'jsonpath={.status.availableReplicas}{"\\n"}'], { stdio: ['ignore', 'pipe', 'ignore'], signal: stopping.signal });
      kubectl.once('error', () => undefined);
      // Of none the field is not there.
      for await (const line of createInterface({ input: kubectl.stdout })) fewest = Math.min(fewest, Number(line));
      await wait(1_000, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return async () => {
    stopping.abort();
    await watching;
    return fewest;
  };
}
