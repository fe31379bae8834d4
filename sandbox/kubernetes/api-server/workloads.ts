import { isRecord, listAt, recordAt, stringAt, valueAt, type JsonRecord, type KubeObject } from '../json.js';

/** What the status of workloads and nodes is worked out from. */
export interface ClusterView {
  /** All Node objects, as stored. */
  readonly nodes: readonly KubeObject[];
  /** Whether the network plugin runs: without it no node is Ready. */
  readonly networkReady: boolean;
}

/** Names of the DaemonSets that stand for the pod networks. */
export const networkPlugins: readonly string[] = ['cilium', 'tigera-operator', 'flannel', 'aws-vpc-cni'];

const notReadyTaint: JsonRecord = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };

/** A Node as it is read: Ready only once the network plugin runs, as the kubelet reports it; or what somebody wrote who has not heard of the kubelet for a while, as the controller for nodes does (`Unknown`). */
export function nodeStatus(node: KubeObject, view: ClusterView): KubeObject {
  const stored = listAt(node, 'status', 'conditions').filter(isRecord);
  const conditions = stored.filter(({ type }) => type !== 'Ready');
  const unheard = stored.find(({ type, status }) => type === 'Ready' && status === 'Unknown');
  const since = node.metadata.creationTimestamp;
  const ready = unheard ?? (view.networkReady
    ? { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status', lastTransitionTime: since }
    : {
      type: 'Ready', status: 'False', reason: 'NetworkPluginNotReady', lastTransitionTime: since,
      message: 'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
    });
  const taints = [...listAt(node, 'spec', 'taints'), ...(view.networkReady ? [] : [notReadyTaint])];
  return {
    ...node,
    spec: { ...recordAt(node, 'spec'), ...(taints.length > 0 ? { taints } : {}) },
    status: { ...recordAt(node, 'status'), conditions: [...conditions, ready] },
  };
}

/**
 * Status of a Deployment, StatefulSet, ReplicaSet, DaemonSet or Job: everything runs as soon as it had time to start (`started`) and a node takes its pods.
 * Pods themselves are not simulated.
 */
export function workloadStatus(workload: KubeObject, view: ClusterView, started: boolean): KubeObject {
  const takers = view.nodes.filter((node) => accepts(node, workload, view.networkReady));
  const common = { observedGeneration: workload.metadata.generation ?? 1 };
  const since = workload.metadata.creationTimestamp;
  if (workload.kind === 'DaemonSet') {
    const desired = takers.length;
    const ready = started ? desired : 0;
    return {
      ...workload,
      status: {
        ...common, currentNumberScheduled: desired, desiredNumberScheduled: desired, numberMisscheduled: 0, updatedNumberScheduled: desired,
        numberReady: ready, numberAvailable: ready, ...(desired > ready ? { numberUnavailable: desired - ready } : {}),
      },
    };
  }
  const runs = started && takers.length > 0;
  if (workload.kind === 'Job') {
    const completions = Number(valueAt(workload, 'spec', 'completions') ?? 1);
    const done = { succeeded: completions, completionTime: since, conditions: [{ type: 'Complete', status: 'True', lastTransitionTime: since }] };
    return { ...workload, status: { startTime: since, ...(runs ? done : { active: 1 }) } };
  }
  const replicas = Number(valueAt(workload, 'spec', 'replicas') ?? 1);
  const ready = runs ? replicas : 0;
  const counts = { ...common, replicas, readyReplicas: ready, availableReplicas: ready, updatedReplicas: replicas };
  if (workload.kind === 'StatefulSet') return { ...workload, status: { ...counts, currentReplicas: replicas, currentRevision: `${workload.metadata.name}-1`, updateRevision: `${workload.metadata.name}-1` } };
  if (workload.kind === 'ReplicaSet') return { ...workload, status: counts };
  const available = ready >= replicas;
  return {
    ...workload,
    status: {
      ...counts, ...(available ? {} : { unavailableReplicas: replicas - ready }),
      conditions: [
        { type: 'Available', status: available ? 'True' : 'False', reason: available ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable', lastTransitionTime: since },
        { type: 'Progressing', status: 'True', reason: available ? 'NewReplicaSetAvailable' : 'ReplicaSetUpdated', lastTransitionTime: since },
      ],
    },
  };
}

/** Whether a node takes a workload's pods: node selector, taints, and the network, which only host-network pods do without. */
function accepts(node: KubeObject, workload: KubeObject, networkReady: boolean): boolean {
  const pod = recordAt(workload, 'spec', 'template', 'spec');
  const daemon = workload.kind === 'DaemonSet';
  if (!networkReady && !daemon && pod['hostNetwork'] !== true) return false;
  if (valueAt(node, 'spec', 'unschedulable') === true && !daemon) return false;
  const labels = node.metadata.labels ?? {};
  if (!Object.entries(recordAt(pod, 'nodeSelector')).every(([key, value]) => labels[key] === value)) return false;
  const tolerations = listAt(pod, 'tolerations').filter(isRecord);
  return listAt(node, 'spec', 'taints').filter(isRecord).every((taint) => taint['effect'] === 'PreferNoSchedule' || tolerations.some((toleration) => tolerates(toleration, taint)));
}

function tolerates(toleration: JsonRecord, taint: JsonRecord): boolean {
  const effect = stringAt(toleration, 'effect');
  if (effect !== undefined && effect !== taint['effect']) return false;
  const key = stringAt(toleration, 'key');
  if (toleration['operator'] === 'Exists') return key === undefined || key === taint['key'];
  return key === taint['key'] && (toleration['value'] ?? '') === (taint['value'] ?? '');
}
