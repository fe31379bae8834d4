/** The Gateway API's definitions: the same in every cluster. */
export function gatewayApiCrds(): Record<string, unknown> {
  return {};
}
