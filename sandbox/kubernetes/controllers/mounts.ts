import { isRecord, listAt, recordAt, stringAt, valueAt, type KubeObject } from '../json.js';
import type { ControllerContext } from './context.js';

/** Workloads whose pods would mount what their template names. Their pods are not simulated, so they stand for them. */
const workloadKinds = ['apps/deployments', 'apps/statefulsets', 'apps/replicasets', 'apps/daemonsets', 'batch/jobs'];

/** The claims that something mounts, as `namespace/name`. */
export function mountedClaims({ api }: Pick<ControllerContext, 'api'>): Set<string> {
  const pods = api.objects('/pods').filter((pod) => !['Succeeded', 'Failed'].includes(stringAt(pod, 'status', 'phase') ?? ''));
  return new Set([
    ...pods.flatMap((pod) => claimsIn(recordAt(pod, 'spec')).map((claim) => keyOf(pod, claim))),
    ...workloadKinds.flatMap((kind) => api.objects(kind)).filter((workload) => replicasOf(workload) > 0 && workload.metadata.deletionTimestamp === undefined).flatMap((workload) => [
      ...claimsIn(recordAt(workload, 'spec', 'template', 'spec')),
      ...(workload.kind === 'StatefulSet' ? claimsOfStatefulSet(workload).map(({ name }) => name) : []),
    ].map((claim) => keyOf(workload, claim))),
  ]);
}

/** How many pods a workload wants. */
export function replicasOf(workload: KubeObject): number {
  if (workload.kind === 'Job' && stringAt(workload, 'status', 'completionTime') !== undefined) return 0;
  return workload.kind === 'DaemonSet' ? 1 : Number(valueAt(workload, 'spec', 'replicas') ?? 1);
}

/** The claims that a StatefulSet has for its pods: `<template>-<set>-<ordinal>`. */
export function claimsOfStatefulSet(set: KubeObject): { name: string; template: KubeObject }[] {
  const templates = listAt(set, 'spec', 'volumeClaimTemplates').filter((template): template is KubeObject => isRecord(template) && isRecord(template['metadata']));
  return Array.from({ length: replicasOf(set) }, (_, ordinal) => templates.map((template) => ({ name: `${template.metadata.name}-${set.metadata.name}-${ordinal}`, template }))).flat();
}

function claimsIn(pod: unknown): string[] {
  return listAt(pod, 'volumes').flatMap((volume) => stringAt(volume, 'persistentVolumeClaim', 'claimName') ?? []);
}

function keyOf(object: KubeObject, claim: string): string {
  return `${object.metadata.namespace ?? ''}/${claim}`;
}
