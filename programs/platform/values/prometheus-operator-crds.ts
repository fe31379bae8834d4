/** The Prometheus operator's definitions: the same in every cluster. */
export function prometheusOperatorCrds(): Record<string, unknown> {
  return {};
}
