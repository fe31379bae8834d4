import { highlyAvailable, type ValuesInput } from './context.js';

/** The vertical pod autoscaler: replicas, of which recommender and updater have one that leads, and budgets, which over a single replica would hold up the drain of its node. */
export function verticalPodAutoscaler({ spec }: ValuesInput): Record<string, unknown> {
  const part = { replicas: highlyAvailable(spec) ? 2 : 1, podDisruptionBudget: { enabled: highlyAvailable(spec) } };
  return { admissionController: part, recommender: part, updater: part };
}
