/** A refusal as AWS words it: a code that SDKs know, a message, and the HTTP status for the data planes. */
export class AwsError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
  ) {
    super(message);
    this.name = code;
  }
}
