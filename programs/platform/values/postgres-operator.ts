/** Zalando's PostgreSQL operator: nothing of it depends on the cluster, for the chart runs it once and it has no metrics. */
export function postgresOperator(): Record<string, unknown> {
  return {};
}
