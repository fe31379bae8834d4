/** A set-up that cannot go on. The message is one sentence for a person: what is missing and what to do about it. */
export class SetupError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = 'SetupError';
  }
}
