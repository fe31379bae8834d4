import { addonServiceAccounts } from '../../service-accounts.js';
import { defaultStorageClass } from '../storage-classes.js';
import { prometheusRules } from './alerts.js';
import { highlyAvailable, type ValuesInput } from './context.js';
import { dashboards } from './dashboards.js';

/** Prometheus and its company: replicas, the cluster's name on every series that leaves it, the alerts and dashboards of what the cluster has, and Loki in Grafana where there is one. */
export function kubePrometheusStack({ spec }: ValuesInput): Record<string, unknown> {
  const available = highlyAvailable(spec);
  const volumeClaimTemplate = { spec: { storageClassName: defaultStorageClass[spec.provider] } };
  return {
    additionalPrometheusRulesMap: prometheusRules(spec),
    prometheus: { prometheusSpec: { replicas: available ? 2 : 1, externalLabels: { cluster: spec.name }, storageSpec: { volumeClaimTemplate } } },
    // Three, so that a majority is left to agree on what was sent already.
    alertmanager: { alertmanagerSpec: { replicas: available ? 3 : 1, storage: { volumeClaimTemplate } } },
    grafana: {
      dashboards: dashboards(spec),
      additionalDataSources: spec.platform.logging === 'loki'
        ? [{ name: 'Loki', uid: 'loki', type: 'loki', access: 'proxy', url: `http://loki.${addonServiceAccounts[spec.provider].loki.namespace}.svc.cluster.local:3100` }]
        : [],
    },
  };
}
