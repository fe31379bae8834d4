import type { ClusterSpec } from '../../../model/spec.js';
import { highlyAvailable, type ValuesInput } from './context.js';
import { storedSecret } from './stored-secret.js';

/** Namespace and Secret of the agents, and the names in the store of what is in that, by the key that the chart reads: what lets them in at Datadog, and what by they know each other. */
const namespace = 'datadog';
const storeNames = { 'api-key': 'api-key', token: 'cluster-agent-token' } as const;

/** Datadog's agents: what the cluster is called there, where they send, whether logs are sent too, and replicas of the cluster's agent, one of which leads. */
export function datadog({ spec }: ValuesInput): Record<string, unknown> {
  const available = highlyAvailable(spec);
  const { site, logs } = spec.datadog ?? { site: 'datadoghq.com', logs: false };
  return {
    datadog: { clusterName: spec.name, site, logs: { enabled: logs, containerCollectAll: logs } },
    clusterAgent: { replicas: available ? 2 : 1, ...(available ? { pdb: { create: true, maxUnavailable: 1 } } : {}) },
  };
}

/** What brings the agents' Secret out of the store. */
export function datadogSecrets(spec: ClusterSpec): Record<string, unknown>[] {
  return spec.platform.hostedMonitoring === 'datadog' ? [storedSecret(spec, { namespace, name: namespace, values: storeNames })] : [];
}
