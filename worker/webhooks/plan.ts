import type { JobRecord } from '../../model/job.js';
import { eventsOf, type JobChange, type PlannedDelivery, type WebhookBody } from '../../model/webhook-delivery.js';
import { wants, type Webhook } from '../../model/webhooks.js';
import { deliveryId } from './delivery-id.js';

/**
 * The deliveries that a change of a job calls for, in the order of its events: to the webhooks of the spec that the job works towards, and to the
 * service's. A URL that both name is told once.
 */
export function deliveriesOf(change: JobChange, job: JobRecord, ofService: readonly Webhook[]): PlannedDelivery[] {
  const webhooks = [
    ...job.spec.webhooks.map((webhook) => ({ ...webhook, scope: 'cluster' as const })),
    ...ofService.map((webhook) => ({ ...webhook, scope: 'service' as const })),
  ];
  return eventsOf(change).flatMap((type, place) => {
    const told = new Set<string>();
    return webhooks.filter((webhook) => wants(webhook, type)).flatMap(({ url, scope }): PlannedDelivery[] => {
      if (told.has(url)) return [];
      told.add(url);
      const id = deliveryId(change, place, url);
      const body: WebhookBody = {
        id,
        type,
        at: change.at,
        job: { id: job.id, kind: job.kind, state: change.state, error: change.error, links: { self: `/jobs/${job.id}`, events: `/jobs/${job.id}/events` } },
        cluster: { name: job.cluster, uid: job.uid, state: change.clusterState, owner: job.spec.owner, simulated: job.simulated },
      };
      return [{ id, job: job.id, cluster: job.cluster, scope, url, type, at: change.at, body: JSON.stringify(body) }];
    });
  });
}
