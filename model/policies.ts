import { z } from 'zod';
import { dnsLabelSchema, imageSourceSchema } from './fields.js';

/** What happens to a pod that the platform's own policies object to: it is reported, or refused. */
export const policyModes = ['audit', 'enforce'] as const;

const signed = {
  images: z.string().max(250).regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]+(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/, 'must be a registry at port 443, such as "registry.example.com", with a path if you like: no scheme, no slash at the end')
    .refine((images) => !/^(index\.)?docker\.io(\/|$)/.test(images), 'must not be Docker Hub: its images are also written without the registry, and would not be looked at')
    .describe('The registry whose images have to be signed, with a path if not all of it is meant'),
  registrySecret: dnsLabelSchema(40).optional().describe('Name of the secret in the secret store that holds a "config.json" of Docker to sign in to the registry with; absent: signatures are read without signing in'),
};

/** Whose images have to be signed, and by whom. */
export const signedImagesSchema = z.discriminatedUnion('by', [
  z.strictObject({
    by: z.literal('key'), ...signed,
    key: z.string().max(1000).regex(/^-----BEGIN PUBLIC KEY-----\n([A-Za-z0-9+/]+={0,2}\n)+-----END PUBLIC KEY-----\n?$/, 'must be a public key in PEM, as in "cosign.pub"').describe('The public key that cosign\'s signatures are made with'),
  }),
  z.strictObject({
    by: z.literal('identity'), ...signed,
    issuer: z.url({ protocol: /^https$/ }).max(300).regex(/^[^\s\\'"{}]+$/, 'must be a plain URL').describe('Who vouched for the signer, such as https://token.actions.githubusercontent.com'),
    subject: z.string().min(1).max(500).regex(/^[^\s\\'"{}]+$/, 'must be a subject of a certificate: no space, quote or brace').describe('The signer as the certificate names it, such as the URL of a workflow with its branch'),
  }),
]);
/** Whose images have to be signed, and by whom. */
export type SignedImages = z.infer<typeof signedImagesSchema>;

/** Settings of the platform's own policies, which `platform.policy` applies to the namespaces of teams. What it says by default holds nothing up. */
export const policiesSchema = z.strictObject({
  mode: z.enum(policyModes).default('audit').describe('Whether pods that a policy objects to are reported or refused; a root file system that can be written to is reported only'),
  trustedRegistries: z.array(imageSourceSchema).max(50).default([]).describe('Registries that images may come from, each with a path if not all of it is meant; none named: any'),
  signedImages: z.array(signedImagesSchema).max(10).default([]).describe('Images that have to be signed by cosign, with a key or without one by an identity of Sigstore'),
});
/** Settings of the platform's own policies. */
export type Policies = z.infer<typeof policiesSchema>;
