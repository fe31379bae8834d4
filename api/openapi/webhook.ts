import type { OpenAPIRegistry } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { webhookBodySchema } from '../../model/webhook-delivery.js';
import { webhookEvents } from '../../model/webhooks.js';

const headers = z.object({
  'Clusterwright-Event': z.enum(webhookEvents),
  'Clusterwright-Delivery': z.ulid().describe('Id of the delivery, the same on each try'),
  'Clusterwright-Signature': z.string().describe('`t=<unix seconds>,v1=<hex>`: HMAC-SHA256 of `<t>.<body>`; more than one `v1` while the secret is being changed'),
});

/** What the service sends to webhooks, for who writes a receiver. */
export function describeWebhook(registry: OpenAPIRegistry): void {
  registry.registerWebhook({
    method: 'post',
    path: 'event',
    operationId: 'receiveEvent',
    tags: ['Clusters'],
    summary: 'Hear of what happens to clusters and their jobs',
    description: 'Sent to the webhooks of a cluster\'s spec and of the service, at least once each. Any 2xx takes it; 410 ends it at once, other 4xx after three tries; '
      + 'all else is tried again for most of a day.',
    request: { headers, body: { required: true, content: { 'application/json': { schema: webhookBodySchema.meta({ id: 'WebhookBody' }) } } } },
    responses: { '2XX': { description: 'The receiver has it.' }, 410: { description: 'The receiver wants no more of it.' } },
  });
}
