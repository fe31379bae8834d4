import { z } from 'zod';
import { targetFault, type AllowedTargets } from './webhook-targets.js';
import type { Fault } from './errors.js';

/** What webhooks tell of jobs, and of what they have made of clusters. Previews, which change nothing, are not told. */
export const jobWebhookEvents = [
  'job.started', 'job.taken-over', 'job.succeeded', 'job.failed', 'job.cancelled',
  'cluster.ready', 'cluster.hibernated', 'cluster.failed', 'cluster.needs-repair', 'cluster.deleted',
] as const;
export type JobWebhookEvent = (typeof jobWebhookEvents)[number];

/** What webhooks tell of. The names are stable: receivers switch on them. */
export const webhookEvents = [...jobWebhookEvents, 'cluster.expiring'] as const;
export type WebhookEvent = (typeof webhookEvents)[number];

/** Stands for all events, also those of later releases. */
const everything = '*';

/** Who wants to hear of what. The URL is no place for a secret: the spec and the delivery log show it. */
export const webhookSchema = z.strictObject({
  url: z.string().max(2048).refine((text) => URL.canParse(text), 'must be an absolute https URL')
    .describe('Where deliveries are posted to: https, a public address, port 443, unless the operators of the service allow others'),
  events: z.array(z.enum([...webhookEvents, everything])).min(1).max(20).describe('Events to be told; "*" stands for all'),
});
export type Webhook = z.infer<typeof webhookSchema>;

/** The webhooks of one cluster, or those of the whole service. */
export const webhooksSchema = z.array(webhookSchema).max(10);

/** Whether a webhook is to be told of an event. */
export function wants({ events }: Pick<Webhook, 'events'>, event: WebhookEvent): boolean {
  return events.includes(event) || events.includes(everything);
}

/** Targets that webhooks must not have, each with its pointer below `prefix`. */
export function webhookFaults(webhooks: readonly Webhook[], allowed: AllowedTargets, prefix: string): Fault[] {
  return webhooks.flatMap(({ url }, index) => {
    const detail = targetFault(url, allowed);
    return detail === undefined ? [] : [{ pointer: `${prefix}/${index}/url`, detail }];
  });
}
