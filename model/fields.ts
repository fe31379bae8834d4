import { z } from 'zod';
import { parseCidr } from './cidr.js';

/** Kubernetes label keys: an optional DNS prefix and a name. */
const labelKey = /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const labelValue = /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;

/** A DNS label of at most `limit` characters. */
export function dnsLabelSchema(limit: number) {
  return z.string().max(limit).regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'must consist of a-z, 0-9 and "-", and start and end with a letter or digit');
}

/** A DNS domain in lower case. */
export const domainSchema = z.string().max(200).regex(
  /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be a domain of at least two labels');

/** An IPv4 network in CIDR notation whose address is the network's first. */
export const cidrSchema = z.string().superRefine((value, context) => {
  const parsed = parseCidr(value);
  if (typeof parsed === 'string') context.addIssue({ code: 'custom', message: parsed });
});

/** A UUID in its usual form; object, tenant and client ids of Entra are such. In lower case, as they stand in tokens, which API servers compare to the letter. */
export const uuidSchema = z.string().regex(/^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/, 'must be a UUID').toLowerCase();

/** Labels as Kubernetes allows them. */
export const labelsSchema = z.record(
  z.string().regex(labelKey, 'must be a valid label key'), z.string().regex(labelValue, 'must be a valid label value'));

/** A node taint. */
export const taintSchema = z.strictObject({
  key: z.string().regex(labelKey, 'must be a valid label key'),
  value: z.string().regex(labelValue, 'must be a valid label value').default(''),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']),
});

/** A Kubernetes resource quantity, e.g. "20", "500m", "64Gi". */
export const quantitySchema = z.string().regex(/^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/, 'must be a quantity such as "20" or "64Gi"');

/** A public SSH key as `authorized_keys` has it. Only short kinds: it travels in the machines' user data, which has a limit. */
export const sshKeySchema = z.string().max(250).regex(
  /^(ssh-ed25519|ecdsa-sha2-nistp256|sk-ssh-ed25519@openssh\.com) [A-Za-z0-9+/]+={0,2}( [ -~]*)?$/, 'must be a public key of kind ed25519 or ecdsa-sha2-nistp256: kind, base64, and a comment if you like');

/** A registry as image names begin with it: a host name, with a port if it has one. */
export const registrySchema = z.string().max(200).regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]+(:[0-9]{1,5})?$/, 'must be the host name of a registry');

/** Where images may come from: a registry, and a path in it if not all of it is meant. */
export const imageSourceSchema = z.string().max(250).regex(
  /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]+(:[0-9]{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/, 'must be a registry, such as "registry.example.com", with a path if you like: no scheme, no slash at the end');

/** A Git repository by HTTPS or SSH, without anything to sign in with. */
export const repositorySchema = z.string().max(500).regex(
  /^(https:\/\/|ssh:\/\/git@)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]+(:[0-9]{1,5})?(\/[A-Za-z0-9._~-]+)+$/,
  'must be a Git repository such as "https://git.example.com/team/app.git" or "ssh://git@git.example.com/team/app.git", without user or password');

/** A registry mirror: TLS only, nothing in it to sign in with. */
export const mirrorSchema = z.url({ protocol: /^https$/ }).max(500).refine((value) => !URL.canParse(value) || new URL(value).username === '', 'must not hold a user or password');
