import { highlyAvailable, monitored, type ValuesInput } from './context.js';

/** Controllers that can have a second replica, which takes over when the first is gone. */
const controllers = ['kustomize-controller', 'helm-controller'] as const;

/** Flux: replicas, the disruption budgets that the chart has not, and metrics. */
export function flux2({ spec }: ValuesInput): Record<string, unknown> {
  const available = highlyAvailable(spec);
  const replicas = available ? 2 : 1;
  return {
    kustomizeController: { replicas },
    helmController: { replicas },
    prometheus: { podMonitor: { create: monitored(spec) } },
    extraObjects: available ? controllers.map(disruptionBudget) : [],
  };
}

function disruptionBudget(app: (typeof controllers)[number]) {
  return { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: app }, spec: { maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow', selector: { matchLabels: { app } } } };
}
