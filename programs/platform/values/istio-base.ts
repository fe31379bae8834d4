/** Istio's definitions: the same everywhere. */
export function istioBase(): Record<string, unknown> {
  return {};
}
