import { addonServiceAccounts } from '../../service-accounts.js';
import { textfileFolder } from '../benchmark.js';
import { defaultStorageClass } from '../storage-classes.js';
import { highlyAvailable, type ValuesInput } from './context.js';

/** The chart's own arguments of node-exporter: a list in values replaces them all. */
const nodeExporterArgs = [
  '--collector.filesystem.mount-points-exclude=^/(dev|proc|sys|run/containerd/.+|var/lib/docker/.+|var/lib/kubelet/.+)($|/)',
  '--collector.filesystem.fs-types-exclude=^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|sysfs|tracefs|erofs)$',
];

/** Prometheus and its company: replicas, the cluster's name on every series that leaves it, Loki in Grafana where there is one, and what the benchmark has found of each node. */
export function kubePrometheusStack({ spec }: ValuesInput): Record<string, unknown> {
  const available = highlyAvailable(spec);
  const volumeClaimTemplate = { spec: { storageClassName: defaultStorageClass[spec.provider] } };
  return {
    prometheus: { prometheusSpec: { replicas: available ? 2 : 1, externalLabels: { cluster: spec.name }, storageSpec: { volumeClaimTemplate } } },
    // Three, so that a majority is left to agree on what was sent already.
    alertmanager: { alertmanagerSpec: { replicas: available ? 3 : 1, storage: { volumeClaimTemplate } } },
    grafana: {
      additionalDataSources: spec.platform.logging === 'loki'
        ? [{ name: 'Loki', uid: 'loki', type: 'loki', access: 'proxy', url: `http://loki.${addonServiceAccounts[spec.provider].loki.namespace}.svc.cluster.local:3100` }]
        : [],
    },
    // It sees the host below /host/root. Without the benchmark nobody makes the folder, and it would complain.
    ...(spec.platform.benchmark === 'none' ? {} : { 'prometheus-node-exporter': { extraArgs: [...nodeExporterArgs, `--collector.textfile.directory=/host/root${textfileFolder}`] } }),
  };
}
