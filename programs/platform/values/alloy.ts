import { addonServiceAccounts } from '../../service-accounts.js';
import { monitored, type ValuesInput } from './context.js';

/** Alloy: the cluster's name on every line, where Loki is, and the ServiceMonitor. */
export function alloy({ spec }: ValuesInput): Record<string, unknown> {
  const { namespace } = addonServiceAccounts[spec.provider].loki;
  return {
    alloy: {
      extraEnv: [
        { name: 'CLUSTER_NAME', value: spec.name },
        { name: 'LOKI_URL', value: `http://loki.${namespace}.svc.cluster.local:3100/loki/api/v1/push` },
      ],
    },
    serviceMonitor: { enabled: monitored(spec) },
  };
}
