import { z } from 'zod';
import { mayOver } from '../../model/tenancy.js';
import type { Delivery } from '../../model/webhook-delivery.js';
import { noCluster, requireOver } from '../auth/access.js';
import { pageSchema } from '../http/parameters.js';
import { json } from '../http/reply.js';
import { operation } from '../operation.js';
import { listSchema } from '../views/list.js';
import { webhookDeliveryView, webhookDeliveryViewSchema } from '../views/webhook-delivery.js';
import { jsonAnswer } from './answers.js';
import { clusterParams } from './cluster.js';

/** Whose cluster a delivery told of: earlier clusters of a name may have been somebody else's. */
function ownerOfDelivery({ body }: Pick<Delivery, 'body'>): string {
  return z.object({ cluster: z.object({ owner: z.string() }) }).parse(JSON.parse(body)).cluster.owner;
}

export const listWebhookDeliveries = operation({
  method: 'get',
  path: '/clusters/{name}/webhook-deliveries',
  id: 'listWebhookDeliveries',
  access: { role: 'viewer', over: 'cluster' },
  tag: 'Clusters',
  summary: 'List what webhooks were told of a cluster, the newest first',
  description: 'The last 100 deliveries, for 30 days. They outlive their cluster.',
  params: clusterParams,
  missing: 'cluster-not-found',
  query: pageSchema({}),
  responses: { 200: jsonAnswer('A page of deliveries.', listSchema(webhookDeliveryViewSchema)) },
  async handle({ caller, params: { name }, query, found: { cluster } }, { store }) {
    const { items, nextCursor } = await store.webhooks.list(name, query);
    if (items.length === 0 && query.cursor === undefined && cluster === undefined) throw noCluster(name);
    return json(200, { items: items.filter((delivery) => mayOver(caller, 'viewer', ownerOfDelivery(delivery))).map(webhookDeliveryView), nextCursor });
  },
});

export const redeliverWebhook = operation({
  method: 'post',
  path: '/clusters/{name}/webhook-deliveries/{id}/redeliver',
  id: 'redeliverWebhook',
  access: { role: 'operator', over: 'cluster' },
  tag: 'Clusters',
  summary: 'Deliver to a webhook again',
  description: 'The same body under the same id, at once and with as many tries as a new delivery.',
  params: clusterParams.extend({ id: z.ulid() }),
  missing: 'delivery-not-found',
  responses: { 202: jsonAnswer('It will be delivered again.', webhookDeliveryViewSchema) },
  async handle({ caller, params: { name, id } }, { store }) {
    const delivery = await store.webhooks.delivery(id);
    if (delivery !== undefined) requireOver(caller, 'operator', ownerOfDelivery(delivery));
    return json(202, webhookDeliveryView(await store.webhooks.redeliver(name, id)));
  },
});
