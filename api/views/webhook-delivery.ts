import { z } from 'zod';
import { deliverySchema, deliveryTrySchema, type Delivery } from '../../model/webhook-delivery.js';
import { jobPath } from './job.js';
import { timeSchema } from './times.js';

const record = deliverySchema.shape;

/** A delivery of a webhook as callers see it. */
export const webhookDeliveryViewSchema = z.strictObject({
  id: record.id.describe('The same on each try, in the header `Clusterwright-Delivery` and in the body'),
  type: record.type,
  at: timeSchema,
  scope: record.scope.describe('Whether the cluster\'s spec names the webhook or the service\'s list'),
  url: z.string().describe('Of the service\'s webhooks only scheme and host'),
  state: record.state,
  tries: z.array(deliveryTrySchema.meta({ id: 'WebhookTry', description: 'One try: the receiver\'s status, or why there is none' })).describe('The latest tries, the oldest first'),
  nextTryAt: timeSchema.nullable(),
  links: z.strictObject({ job: z.string().nullable().describe('Null where what is told is no job\'s doing'), redeliver: z.string() }),
}).meta({ id: 'WebhookDelivery' });
export type WebhookDeliveryView = z.infer<typeof webhookDeliveryViewSchema>;

/** What callers see of a delivery. The rest of a service's URL is for its operators. */
export function webhookDeliveryView(delivery: Delivery): WebhookDeliveryView {
  const { id, type, at, scope, url, state, tries, nextTryAt, job, cluster } = delivery;
  return {
    id, type, at, scope, url: scope === 'service' ? new URL(url).origin : url, state, tries, nextTryAt,
    links: { job: job === null ? null : jobPath(job), redeliver: `/clusters/${cluster}/webhook-deliveries/${id}/redeliver` },
  };
}
