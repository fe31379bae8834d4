import { z } from 'zod';

const host = /^https:\/\/([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]+$/;
const path = /^[a-z0-9]([a-z0-9_-]*[a-z0-9])?(\/[a-z0-9]([a-z0-9_-]*[a-z0-9])?)*$/;

/**
 * Where the secrets of namespaces lie, out of which `platform.secrets` brings them. Whatever it is, external-secrets signs in with a token that the cluster makes for it and that ends within
 * the hour; nothing that lasts is part of a spec.
 */
export const secretStoreSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('cloud') }).describe('The secret store of the cluster\'s own cloud'),
  z.strictObject({
    kind: z.literal('vault'),
    server: z.string().max(250).regex(host, 'must be a server such as "https://vault.example.com", at port 443: machines reach no other').describe('Where HashiCorp Vault or OpenBao answers'),
    mount: z.string().max(100).regex(path, 'must be the mount of a key/value engine, such as "kv"').describe('The mount of a key/value engine of version 2'),
    role: z.string().max(100).regex(/^[A-Za-z0-9_-]+$/, 'must be a role\'s name').describe('The role of its JWT sign-in that takes external-secrets\' token'),
    login: z.string().max(100).regex(path, 'must be the mount of a sign-in, such as "jwt"').default('jwt').describe('The mount of its JWT sign-in'),
    namespace: z.string().max(100).regex(path, 'must be a namespace of Vault').optional().describe('Its namespace, where it has some'),
    authority: z.string().max(8000).regex(/^(-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/]+={0,2}\n)+-----END CERTIFICATE-----\n?)+$/, 'must be certificates in PEM').optional().describe('The authority of its certificate, in PEM; absent: one that everybody trusts'),
  }).describe('HashiCorp Vault or OpenBao'),
  z.strictObject({
    kind: z.literal('google'),
    project: z.string().regex(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/, 'must be a project id').describe('The project that holds the secrets'),
    identityProvider: z.string().max(250).regex(/^projects\/[0-9]+\/locations\/global\/workloadIdentityPools\/[a-z0-9-]+\/providers\/[a-z0-9-]+$/, 'must be a provider such as "projects/123456789012/locations/global/workloadIdentityPools/POOL/providers/NAME"')
      .describe('The provider of a workload identity pool that takes the cluster\'s tokens'),
    serviceAccount: z.string().max(100).regex(/^[a-z0-9-]+@[a-z0-9-]+\.iam\.gserviceaccount\.com$/, 'must be the address of a service account').optional().describe('The service account to act as; absent: the federated identity itself'),
  }).describe('Google\'s Secret Manager'),
]);
/** Where the secrets of namespaces lie. */
export type SecretStore = z.infer<typeof secretStoreSchema>;
