import { monitored, type ValuesInput } from './context.js';

/** Falco: metrics, which count the events of each rule, and ServiceMonitor. */
export function falco({ spec }: ValuesInput): Record<string, unknown> {
  return { metrics: { enabled: monitored(spec) }, serviceMonitor: { create: monitored(spec) } };
}
