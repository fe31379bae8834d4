import { z } from 'zod';
import { ClusterwrightError, isClusterwrightError } from '../../../model/errors.js';

/** The resource manager and vaults word errors alike: https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors */
const errorSchema = z.object({ error: z.object({ code: z.string().nullish(), message: z.string().nullish(), innererror: z.object({ code: z.string().nullish() }).nullish() }) });

/** What vaults (the inner code) and blobs answer to whom their firewall or a private endpoint shuts out: https://learn.microsoft.com/azure/key-vault/general/rest-error-codes, …/rest/api/storageservices/common-rest-api-error-codes */
const shutOut = /^(ForbiddenByFirewall|ForbiddenByConnection|AuthorizationFailure)$/;

/** An answer that is no success. */
export class AzureRefusal extends Error {
  private constructor(readonly status: number, readonly code: string, message: string) {
    super(message);
  }

  /** Reads code and message out of an answer's body; blobs have the code in a header. */
  static of(status: number, body: string, header: string | undefined): AzureRefusal {
    const { code, message } = parsed(body);
    const known = code ?? header ?? `HTTP ${status}`;
    return new AzureRefusal(status, known, message ?? known);
  }

  /** Whether there is no such thing, or nothing that it could be in. */
  get isMissing(): boolean {
    return this.status === 404;
  }

  /** Whether something else still uses it or works on it. https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-in-use */
  get isInUse(): boolean {
    return this.status === 409 || /InUse|OperationNotAllowed|AttachedTo|CannotBeDeleted/.test(this.code);
  }
}

function parsed(body: string): { code?: string | null | undefined; message?: string | null | undefined } {
  try {
    const { code, message, innererror } = errorSchema.parse(JSON.parse(body)).error;
    return { code: innererror?.code ?? code, message };
  } catch {
    return {};
  }
}

/** An error of a client in our words: what the account may not do, or what is too much at once. Anything else stays as it is. */
export function azureError(error: unknown, doing: string): unknown {
  if (!(error instanceof Error) || isClusterwrightError(error)) return error;
  if (error instanceof AzureRefusal) {
    if (error.status === 429) return new ClusterwrightError('cloud-throttled', `Azure is throttling: ${doing}.`, { cause: error });
    if (/QuotaExceeded/.test(error.code)) return new ClusterwrightError('quota-exceeded', `Azure refused: ${doing} (${error.code}).`, { cause: error });
    if (error.status === 403 && shutOut.test(error.code)) {
      return new ClusterwrightError('cluster-unreachable', `Azure does not let the worker in: ${doing} (${error.code}).`, {
        cause: error, hint: 'Run the worker in the network that the account\'s reach names, or list the public addresses of its calls in the account\'s workerCidrs.',
      });
    }
    if (error.status === 401 || error.status === 403) return new ClusterwrightError('cloud-credentials', `Azure refused: ${doing} (${error.code}).`, { cause: error });
    return error;
  }
  // What @azure/identity throws: no identity is there, or the tenant refuses it.
  if (/^(CredentialUnavailableError|AuthenticationError|AuthenticationRequiredError|AggregateAuthenticationError)$/.test(error.name)) {
    return new ClusterwrightError('cloud-credentials', `Azure gave no token: ${doing} (${error.name}).`, { cause: error });
  }
  return error;
}

/** Runs calls that belong together, with their errors in our words. */
export async function calling<T>(doing: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw azureError(error, doing);
  }
}
