import type { ClusterSpec } from '../../../model/spec.js';
import type { PlatformInput } from '../../provider.js';

/** What the values of charts are made from. */
export type ValuesInput = Omit<PlatformInput, 'kubeconfig'>;

/**
 * Whether the platform runs in several replicas. It follows the control planes, which never change: pools grow and shrink, and a platform that followed
 * them would be rolled by every change of their bounds.
 */
export function highlyAvailable(spec: ClusterSpec): boolean {
  return spec.controlPlane.replicas > 1;
}

/** Whether the Prometheus operator's definitions are there, which monitors and rules need. */
export function monitored(spec: ClusterSpec): boolean {
  return spec.platform.monitoring === 'prometheus';
}

/** Days as Go's durations write them: they know no days. */
export function goHours(days: number): string {
  return `${days * 24}h0m0s`;
}

/** The metric of a horizontal autoscaler that adds replicas when they use more CPU than this on average. An amount, not a share of what they ask for, which is little and says nothing about how much is much. */
export function busyFrom(cpu: string): Record<string, unknown> {
  return { type: 'Resource', resource: { name: 'cpu', target: { type: 'AverageValue', averageValue: cpu } } };
}
