import { monitored, type ValuesInput } from './context.js';

/** Fluent Bit: the ServiceMonitor. */
export function fluentBit({ spec }: ValuesInput): Record<string, unknown> {
  return { serviceMonitor: { enabled: monitored(spec) } };
}
