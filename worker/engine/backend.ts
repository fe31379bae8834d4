import { z } from 'zod';

/**
 * How a stack's secrets are encrypted, as it stands in stack settings and state. All stacks share the installation's salt or data key: a wrong
 * passphrase or key is then refused by the engine itself before it writes anything, with new stacks as well.
 */
export const encryptionSchema = z.strictObject({
  /** `passphrase`, or the URL of a key. */
  secretsProvider: z.string(),
  /** The salt, with a text encrypted under the passphrase; null with a key of a cloud. */
  salt: z.string().nullable(),
  /** The data key, encrypted with the cloud's key; null with a passphrase. */
  encryptedKey: z.string().nullable(),
});
export type Encryption = z.infer<typeof encryptionSchema>;

/** What a stack's settings file says about its encryption. */
export function encryptionSettings(encryption: Encryption): Record<string, string> {
  return {
    ...(encryption.secretsProvider === 'passphrase' ? {} : { secretsProvider: encryption.secretsProvider }),
    ...(encryption.salt === null ? {} : { encryptionSalt: encryption.salt }),
    ...(encryption.encryptedKey === null ? {} : { encryptedKey: encryption.encryptedKey }),
  };
}

const secretsProvidersSchema = z.object({
  type: z.string(),
  state: z.object({ salt: z.string().optional(), url: z.string().optional(), encryptedkey: z.string().optional() }).optional(),
});

/** The encryption that an exported state says it has; undefined where the export has no secrets provider that we know. */
export function encryptionOf(secretsProviders: unknown): Encryption | undefined {
  const parsed = secretsProvidersSchema.safeParse(secretsProviders);
  if (!parsed.success) return undefined;
  const { type, state } = parsed.data;
  if (type === 'passphrase' && state?.salt !== undefined) return { secretsProvider: 'passphrase', salt: state.salt, encryptedKey: null };
  if (type === 'cloud' && state?.url !== undefined && state.encryptedkey !== undefined) {
    return { secretsProvider: state.url, salt: null, encryptedKey: state.encryptedkey };
  }
  return undefined;
}
