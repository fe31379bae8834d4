import type { ClusterRecord } from '../../model/cluster.js';
import { allExpiries, type Expiry } from '../../model/expiry.js';
import type { JobRecord } from '../../model/job.js';
import { eventsOf, type JobChange, type NearEnd, type PlannedDelivery, type WebhookBody } from '../../model/webhook-delivery.js';
import { wants, type Webhook, type WebhookEvent } from '../../model/webhooks.js';
import { deliveryId } from './delivery-id.js';

/** The deliveries that a change of a job calls for, in the order of its events: to the webhooks of the spec that the job works towards, and to the service's. */
export function deliveriesOf(change: JobChange, job: JobRecord, ofService: readonly Webhook[]): PlannedDelivery[] {
  const { at, state, error, clusterState } = change;
  return eventsOf(change).flatMap((type, place) => whomToTell(type, job.spec.webhooks, ofService).map(({ url, scope }): PlannedDelivery => {
    const id = deliveryId(change, place, url);
    const body: WebhookBody = {
      id,
      type,
      at,
      job: { id: job.id, kind: job.kind, state, error, links: { self: `/jobs/${job.id}`, events: `/jobs/${job.id}/events` } },
      cluster: { name: job.cluster, uid: job.uid, state: clusterState, owner: job.spec.owner, simulated: job.simulated },
    };
    return { id, job: job.id, cluster: job.cluster, scope, url, type, at, body: JSON.stringify(body) };
  }));
}

/**
 * The deliveries that an end calls for: to the webhooks of the cluster's spec and to the service's. None where that very thing is there no more: it was renewed meanwhile, or
 * the cluster is gone.
 * @param seen what was last seen of the cluster to end
 */
export function deliveriesOfEnd(near: NearEnd, cluster: ClusterRecord | undefined, seen: readonly Expiry[], ofService: readonly Webhook[]): PlannedDelivery[] {
  if (cluster?.uid !== near.uid) return [];
  const { name, uid, spec, simulated } = cluster;
  const ends = allExpiries(spec, seen).find(({ kind, endsAt }) => kind === near.kind && Date.parse(endsAt) === near.endsAt);
  if (ends === undefined) return [];
  const { at, withinDays, clusterState } = near;
  const type = 'cluster.expiring';
  return whomToTell(type, spec.webhooks, ofService).map(({ url, scope }) => {
    const id = deliveryId(near, 0, url);
    const body: WebhookBody = { id, type, at, job: null, expiring: { ...ends, withinDays }, cluster: { name, uid, state: clusterState, owner: spec.owner, simulated } };
    return { id, job: null, cluster: name, scope, url, type, at, body: JSON.stringify(body) };
  });
}

/** Who wants to hear of an event; a URL that both name is told once. */
function whomToTell(type: WebhookEvent, ofCluster: readonly Webhook[], ofService: readonly Webhook[]): Pick<PlannedDelivery, 'url' | 'scope'>[] {
  const wanting = [
    ...ofCluster.map((webhook) => ({ ...webhook, scope: 'cluster' as const })),
    ...ofService.map((webhook) => ({ ...webhook, scope: 'service' as const })),
  ].filter((webhook) => wants(webhook, type));
  return wanting.filter(({ url }, index) => wanting.findIndex((other) => other.url === url) === index);
}
