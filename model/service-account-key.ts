import { z } from 'zod';

const time = z.iso.datetime();

/**
 * What a control plane answers that goes by the keys in the secret store. `stage`: there is one key `alone`; or a new one is `trusted` beside it; or the new one `signs`, and the old one is trusted still. `since`: from when
 * on it has signed with the key that it signs with.
 */
export const followedKeySchema = z.strictObject({ stage: z.enum(['alone', 'trusted', 'signs']), since: time });
export type FollowedKey = z.infer<typeof followedKeySchema>;

/** Secrets that have a token of a service account by another key than the one that signs, as `NAMESPACE/NAME`. No token is in it. */
export const lastingTokensSchema = z.array(z.string());

/** How far the rotation of a cluster's key for service accounts' tokens is. */
export const serviceAccountKeyReportSchema = z.strictObject({
  kind: z.literal('service-account-key'),
  at: time,
  /** Whether the new key signs and the old one is trusted still. */
  begun: z.boolean(),
  /** What is to be replaced by hand before the old key goes, because nobody renews it. */
  lastingTokens: lastingTokensSchema,
});
