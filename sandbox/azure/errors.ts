/** A refusal as Azure Resource Manager words it: the HTTP status, a code that clients know, and a message. */
export class AzureError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
    /** Why, where the code says no more than that it is refused: `ForbiddenByRbac` of Key Vault. */
    readonly inner?: string,
  ) {
    super(message);
    this.name = code;
  }
}
