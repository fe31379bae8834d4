import { z } from 'zod';
import type { AzureAccount } from '../../../model/accounts.js';
import { ClusterwrightError } from '../../../model/errors.js';
import { AzureConnection } from './connection.js';
import { calling } from './errors.js';

const subscriptionSchema = z.object({ tenantId: z.string(), state: z.string() });

/** Checks that the credentials work and see the subscription, in its tenant. Throws `cloud-credentials`. */
export async function checkIdentity(connection: AzureConnection, { subscriptionId, tenantId }: Pick<AzureAccount, 'subscriptionId' | 'tenantId'>): Promise<void> {
  const subscription = await calling(`reading the subscription ${subscriptionId}`, () =>
    connection.read('management', AzureConnection.management(`/subscriptions/${subscriptionId}`, '2022-12-01'), subscriptionSchema));
  const wrong = subscription === undefined ? 'does not exist, or the identity sees nothing of it'
    : subscription.tenantId.toLowerCase() !== tenantId.toLowerCase() ? `belongs to the tenant ${subscription.tenantId}, not to ${tenantId}`
      : subscription.state !== 'Enabled' ? `is ${subscription.state}` : undefined;
  if (wrong !== undefined) throw new ClusterwrightError('cloud-credentials', `The Azure subscription ${subscriptionId} ${wrong}.`, { resource: subscriptionId });
}
