import { z } from 'zod';

/** With Flux: the one key that what lies encrypted in Git is decrypted with. It is the owner's, made before and kept after the cluster. */
export const sopsSchema = z.strictObject({
  key: z.string().min(1).max(400).describe('The key that SOPS encrypts with. AWS: ARN of a KMS key; Azure: resource id of a key in a vault'),
});

const awsKey = /^arn:aws:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/;
const azureKey = /^\/subscriptions\/([0-9a-f-]{36})\/resourceGroups\/([\w().-]{1,90})\/providers\/Microsoft\.KeyVault\/vaults\/([a-z0-9-]{3,24})\/keys\/([a-z0-9-]{1,127})$/i;

/** A key in a vault of Azure, taken apart. */
export interface AzureKey {
  readonly subscriptionId: string;
  /** Id of the resource group that its vault lies in. */
  readonly group: string;
}

/** What an id of a key of Azure says; undefined where it is none. */
export function parseAzureKey(id: string): AzureKey | undefined {
  const [, subscriptionId, resourceGroup] = azureKey.exec(id) ?? [];
  if (subscriptionId === undefined || resourceGroup === undefined) return undefined;
  return { subscriptionId, group: `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}` };
}

/** Why this is no key that rights can be given on, or undefined where it is one. */
export function notAKey(provider: 'aws' | 'azure', key: string): string | undefined {
  switch (provider) {
    case 'aws': return awsKey.test(key) ? undefined : 'must be the ARN of a KMS key, arn:aws:kms:REGION:ACCOUNT:key/ID: rights are given on a key and on no alias';
    case 'azure': return parseAzureKey(key) ? undefined : 'must be the resource id of a key: /subscriptions/ID/resourceGroups/NAME/providers/Microsoft.KeyVault/vaults/NAME/keys/NAME, without version; rights are given on that and on no URL';
  }
}
