import { readFileSync } from 'node:fs';
import { DaemonSet } from '@pulumi/kubernetes/apps/v1/daemonSet.js';
import type { Namespace } from '@pulumi/kubernetes/core/v1/namespace.js';
import type { AddonNamespace } from '../../model/platform.js';
import type { ClusterSpec } from '../../model/spec.js';
import type { PlatformContext } from './context.js';
import { managedLabels } from './names.js';

/** kube-bench and the benchmark that docs/compliance.md is written along: the newest that this version knows, for Kubernetes 1.32 and later. */
const image = 'docker.io/aquasec/kube-bench:v0.15.6';
const benchmark = 'cis-1.12';

/** Namespace of the benchmark's pods. They read the hosts' files and processes, so it is `privileged`; nothing else is in it. */
export const benchmarkNamespace = 'kube-bench' satisfies AddonNamespace;

/** Where node-exporter looks for metrics in files, on every node. */
export const textfileFolder = '/var/lib/node-exporter/textfile';

/** Parts of the benchmark by what a node is. "policies" is left out: it asks the API server, for which these pods have neither token nor network. */
const targets = { 'control-plane': 'master,etcd,controlplane,node', worker: 'node' } as const;
type NodeRole = keyof typeof targets;

/** What the checks look at: modes and owners, and the content of a few files. Of the kubelet's folder its configuration alone, for the rest holds the secrets of all pods. */
const hostPaths: Readonly<Record<NodeRole, readonly string[]>> = {
  'control-plane': ['/etc/kubernetes', '/var/lib/etcd', '/var/lib/kubelet/config.yaml', '/etc/systemd/system', '/lib/systemd/system', '/etc/passwd', '/etc/group'],
  worker: ['/etc/kubernetes', '/var/lib/kubelet/config.yaml', '/etc/systemd/system', '/lib/systemd/system', '/etc/passwd', '/etc/group'],
};

/**
 * Holds every node against the CIS benchmark, once a day: two DaemonSets, since nodes come and go and each has an outcome of its own. No pod of theirs is waited for: a cluster is
 * as good without a measurement of it.
 */
export function measureNodes({ input: { spec }, options }: PlatformContext, namespaces: ReadonlyMap<AddonNamespace, Namespace>): void {
  if (spec.platform.benchmark === 'none') return;
  const namespace = namespaces.get(benchmarkNamespace)?.metadata.name ?? benchmarkNamespace;
  for (const role of Object.keys(targets) as NodeRole[]) {
    const name = `kube-bench-${role}`;
    const labels = { 'app.kubernetes.io/name': 'kube-bench', 'app.kubernetes.io/component': role };
    new DaemonSet(name, {
      metadata: { name, namespace, labels: { ...managedLabels, ...labels }, annotations: { 'pulumi.com/skipAwait': 'true' } },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: benchmarkPod(role, spec) } },
    }, options);
  }
}

/** The pod that measures a node of a role. It is root, which files that only root reads ask for, without any capability, and everything of the host is read-only but the folder of metrics. */
export function benchmarkPod(role: NodeRole, { platform }: ClusterSpec) {
  const measured = hostPaths[role].map((path, index) => ({ volume: { name: `host-${index}`, hostPath: { path } }, mount: { name: `host-${index}`, mountPath: path, readOnly: true } }));
  // Without Prometheus nobody reads metrics; what does not pass stands in the log anyway.
  const served = platform.monitoring === 'prometheus'
    ? [{ volume: { name: 'metrics', hostPath: { path: textfileFolder, type: 'DirectoryOrCreate' } }, mount: { name: 'metrics', mountPath: '/metrics' } }]
    : [];
  const scratch = { volume: { name: 'tmp', emptyDir: { sizeLimit: '16Mi' } }, mount: { name: 'tmp', mountPath: '/tmp' } };
  const parts = [...measured, ...served, scratch];
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    // Half of the checks ask how a process was started.
    hostPID: true,
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'node-role.kubernetes.io/control-plane', operator: role === 'worker' ? 'DoesNotExist' : 'Exists' }] }] } } },
    tolerations: [{ operator: 'Exists' }],
    terminationGracePeriodSeconds: 10,
    containers: [{
      name: 'kube-bench',
      image,
      command: ['/bin/bash', '-c', readFileSync(new URL('../../templates/benchmark/run.sh', import.meta.url), 'utf8')],
      env: [
        { name: 'BENCHMARK', value: benchmark },
        { name: 'TARGETS', value: targets[role] },
        { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
        ...(served.length === 0 ? [] : [{ name: 'METRICS_FILE', value: '/metrics/kube-bench.prom' }]),
      ],
      // Measured at 46 MiB, for eight seconds a day.
      resources: { requests: { cpu: '5m', memory: '64Mi' }, limits: { memory: '256Mi' } },
      securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] }, seccompProfile: { type: 'RuntimeDefault' } },
      volumeMounts: parts.map(({ mount }) => mount),
    }],
    volumes: parts.map(({ volume }) => volume),
  };
}
