import type { TokenCredential } from '@azure/identity';

/** Who the service is in a tenant, as the accounts file names it. */
export interface AzureIdentity {
  readonly tenantId: string;
  /** The application or user-assigned identity; undefined: what the environment names, else the machine's own identity. */
  readonly clientId: string | undefined;
  /** Another authority than the public cloud's; always HTTPS, as the library demands. */
  readonly authority: string | undefined;
}

/**
 * The service's own identity, by what its environment has: a federated token (`AZURE_FEDERATED_TOKEN_FILE`, as workload identity on Kubernetes sets it), a
 * certificate (`AZURE_CLIENT_CERTIFICATE_PATH`), a secret (`AZURE_CLIENT_SECRET`), else the managed identity of where it runs: that of a container app
 * (`IDENTITY_ENDPOINT`, `IDENTITY_HEADER`) or of a machine. The library takes a third of a second to load.
 */
export async function serviceCredential({ tenantId, clientId, authority }: AzureIdentity): Promise<TokenCredential> {
  const { ClientCertificateCredential, ClientSecretCredential, ManagedIdentityCredential, WorkloadIdentityCredential } = await import('@azure/identity');
  const { AZURE_FEDERATED_TOKEN_FILE: tokenFilePath, AZURE_CLIENT_CERTIFICATE_PATH: certificatePath, AZURE_CLIENT_SECRET: secret, AZURE_CLIENT_ID } = process.env;
  const application = clientId ?? AZURE_CLIENT_ID;
  const options = authority === undefined ? {} : { authorityHost: authority };
  if (application && tokenFilePath) return new WorkloadIdentityCredential({ ...options, tenantId, clientId: application, tokenFilePath });
  if (application && certificatePath) return new ClientCertificateCredential(tenantId, application, certificatePath, options);
  if (application && secret) return new ClientSecretCredential(tenantId, application, secret, options);
  return new ManagedIdentityCredential(clientId === undefined ? {} : { clientId });
}
