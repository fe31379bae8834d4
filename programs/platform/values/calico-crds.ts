/** Calico's definitions: the same in every cluster. */
export function calicoCrds(): Record<string, unknown> {
  return {};
}
