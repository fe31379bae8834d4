import { z } from 'zod';
import { dnsLabelSchema, repositorySchema } from './fields.js';
import { sopsSchema } from './sops.js';

/**
 * What `platform.gitops` brings into the cluster first: a folder of a repository, from which all else follows. There is no credential in it: a private repository's lies in a Secret that external-secrets
 * or the owner puts beside.
 */
export const gitopsSchema = z.strictObject({
  repository: repositorySchema.describe('Repository, by https:// or ssh://git@'),
  path: z.string().max(200).regex(/^(\.|[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*)$/, 'must be a folder of the repository, such as "clusters/payments-prod"').default('.').describe('Folder of it'),
  branch: z.string().max(200).regex(/^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/, 'must be the name of a branch').default('main'),
  secret: dnsLabelSchema(63).optional().describe('With Flux: the Secret of flux-system that a private repository needs'),
  sops: sopsSchema.optional().describe('With Flux: what decrypts secrets that lie encrypted by SOPS in Git'),
});
/** What comes into the cluster first. */
export type Gitops = z.infer<typeof gitopsSchema>;
