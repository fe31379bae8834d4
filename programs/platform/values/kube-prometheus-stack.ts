import type { ClusterSpec } from '../../../model/spec.js';
import { addonServiceAccounts } from '../../service-accounts.js';
import { defaultStorageClass } from '../storage-classes.js';
import { alertmanagerConfig, receiverVolumes } from './alertmanager.js';
import { prometheusRules } from './alerts.js';
import { highlyAvailable, type ValuesInput } from './context.js';
import { dashboards } from './dashboards.js';
import { grafanaSignIn } from './grafana.js';

/** Prometheus and its company: replicas, the cluster's name on every series that leaves it, the alerts and dashboards of what the cluster has, and in Grafana who signs in, and Loki and Tempo where they are. */
export function kubePrometheusStack({ spec }: ValuesInput): Record<string, unknown> {
  const available = highlyAvailable(spec);
  const config = alertmanagerConfig(spec);
  const volumeClaimTemplate = { spec: { storageClassName: defaultStorageClass[spec.provider] } };
  return {
    additionalPrometheusRulesMap: prometheusRules(spec),
    prometheus: { prometheusSpec: { replicas: available ? 2 : 1, externalLabels: { cluster: spec.name }, storageSpec: { volumeClaimTemplate } } },
    // Three, so that a majority is left to agree on what was sent already.
    alertmanager: { ...(config && { config }), alertmanagerSpec: { replicas: available ? 3 : 1, storage: { volumeClaimTemplate }, ...receiverVolumes(spec) } },
    grafana: {
      'grafana.ini': grafanaSignIn(spec),
      dashboards: dashboards(spec),
      additionalDataSources: dataSources(spec),
    },
  };
}

/** What Grafana shows beside metrics: logs, and traces, from which it leads to the logs of their pods. */
function dataSources({ platform, provider }: ClusterSpec): Record<string, unknown>[] {
  const at = (addon: 'loki' | 'tempo', port: number): string => `http://${addon}.${addonServiceAccounts[provider][addon].namespace}.svc.cluster.local:${port}`;
  const withLogs = platform.logging === 'loki';
  return [
    ...(withLogs ? [{ name: 'Loki', uid: 'loki', type: 'loki', access: 'proxy', url: at('loki', 3100) }] : []),
    ...(platform.tracing === 'tempo' ? [{
      name: 'Tempo', uid: 'tempo', type: 'tempo', access: 'proxy', url: at('tempo', 3200),
      ...(withLogs ? { jsonData: { tracesToLogsV2: { datasourceUid: 'loki', tags: [{ key: 'k8s.namespace.name', value: 'namespace' }, { key: 'k8s.pod.name', value: 'pod' }] } } } : {}),
    }] : []),
  ];
}
