import { AzureRefusal } from './errors.js';

/** Until a new role assignment is seen everywhere, in milliseconds: https://learn.microsoft.com/azure/role-based-access-control/troubleshooting ("up to 10 minutes"). */
const propagationMs = 10 * 60_000;
/** What a vault and a storage account answer to whom no role lets in. */
const noRole = /^(ForbiddenByRbac|AuthorizationPermissionMismatch)$/;

/** The rights that the program gives the worker on what it has just made. A refusal for want of a role means "not yet" for a while, counted from the first one. */
export class FreshGrants {
  #firstRefusal: number | undefined;

  constructor(private readonly now: () => number = Date.now) {}

  /** What the call answers, or `nothingYet` while the right to it may still be on its way. */
  async awaited<T>(nothingYet: T, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      const refusal = error instanceof Error && error.cause instanceof AzureRefusal ? error.cause : error;
      if (!(refusal instanceof AzureRefusal) || !noRole.test(refusal.code)) throw error;
      this.#firstRefusal ??= this.now();
      if (this.now() - this.#firstRefusal > propagationMs) throw error;
      return nothingYet;
    }
  }
}
