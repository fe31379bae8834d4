import { z } from 'zod';
import { clusterStates } from './cluster.js';
import { expiryKinds, expirySchema } from './expiry.js';
import { jobErrorSchema, jobKinds, jobStates } from './job.js';
import { jobWebhookEvents, webhookEvents, type JobWebhookEvent } from './webhooks.js';

const time = z.iso.datetime();

/** A cluster's state as webhooks tell it; one that is gone is `deleted`. */
export const toldClusterStates = [...clusterStates, 'deleted'] as const;

const aboutCluster = z.strictObject({
  id: z.ulid().describe('Id of the delivery, the same on each try: drop what you have seen. Ids sort in the order in which things happened'),
  at: time.describe('When it happened'),
  cluster: z.strictObject({
    name: z.string(),
    uid: z.string(),
    state: z.enum(toldClusterStates).describe('The state that it had right after this'),
    owner: z.string(),
    simulated: z.boolean(),
  }),
});

const jobBodySchema = aboutCluster.extend({
  type: z.enum(jobWebhookEvents),
  job: z.strictObject({
    id: z.ulid(),
    kind: z.enum(jobKinds),
    state: z.enum(jobStates),
    error: jobErrorSchema.nullable(),
    links: z.strictObject({ self: z.string(), events: z.string() }),
  }),
});

const expiringBodySchema = aboutCluster.extend({
  type: z.literal('cluster.expiring'),
  job: z.null(),
  expiring: expirySchema.extend({ withinDays: z.int().min(0).describe('It ends within so many days; 0: it has ended') }).describe('What of its kind ends first'),
});

/** What a webhook is sent. It is the same on each try. Neither a spec nor a secret is in it. */
export const webhookBodySchema = z.discriminatedUnion('type', [jobBodySchema, expiringBodySchema]);
export type WebhookBody = z.infer<typeof webhookBodySchema>;

/** Why a try got no answer. */
export const tryErrors = ['timeout', 'dns', 'refused-address', 'connection-refused', 'connection-lost', 'tls', 'other'] as const;
export type TryError = (typeof tryErrors)[number];

/** One try to deliver: the receiver's status, or why there is none, and how long it took. */
export const deliveryTrySchema = z.strictObject({
  at: time,
  status: z.int().nullable(),
  error: z.enum(tryErrors).nullable(),
  ms: z.int().min(0),
});
export type DeliveryTry = z.infer<typeof deliveryTrySchema>;

/** `pending` until the receiver has it or it is given up. */
export const deliveryStates = ['pending', 'delivered', 'given-up'] as const;

/** Of a delivery, what never changes. `body` is the text that is signed and sent. */
export const plannedDeliverySchema = z.strictObject({
  id: z.ulid(),
  /** Null where what is told is no job's doing. */
  job: z.ulid().nullable(),
  cluster: z.string(),
  /** Whether the cluster's spec names the webhook or the service's list. */
  scope: z.enum(['cluster', 'service']),
  url: z.string(),
  type: z.enum(webhookEvents),
  at: time,
  body: z.string(),
});
export type PlannedDelivery = z.infer<typeof plannedDeliverySchema>;

/** A delivery as it is kept, with its latest tries. */
export const deliverySchema = plannedDeliverySchema.extend({
  state: z.enum(deliveryStates),
  /** 1, and one more with each redelivery that somebody asked for. */
  round: z.int().min(1),
  /** Tries of this round. */
  triesInRound: z.int().min(0),
  tries: z.array(deliveryTrySchema),
  /** When the next try is due, while one is. */
  nextTryAt: time.nullable(),
});
export type Delivery = z.infer<typeof deliverySchema>;

/** An entry of the outbox: `change` is what has happened. */
const outboxEntrySchema = z.strictObject({
  /** Place in the outbox, from Redis' clock: `milliseconds-number`. */
  id: z.string().regex(/^\d+-\d+$/),
  at: time,
  clusterState: z.enum(toldClusterStates),
});

/** What happened to a job and may be told. */
const jobChangeSchema = outboxEntrySchema.extend({
  job: z.ulid(),
  change: z.enum(['running', 'taken-over', 'succeeded', 'failed', 'cancelled']),
  state: z.enum(jobStates),
  error: jobErrorSchema.nullable(),
});
export type JobChange = z.infer<typeof jobChangeSchema>;

/** That a cluster has come near the end of something, or to it. */
const nearEndSchema = outboxEntrySchema.extend({
  change: z.literal('expiring'),
  cluster: z.string(),
  uid: z.string(),
  kind: z.enum(expiryKinds),
  /** In milliseconds since 1970. */
  endsAt: z.coerce.number(),
  withinDays: z.coerce.number(),
});
export type NearEnd = z.infer<typeof nearEndSchema>;

/** What may be told. */
export const webhookChangeSchema = z.discriminatedUnion('change', [jobChangeSchema, nearEndSchema]);
export type WebhookChange = z.infer<typeof webhookChangeSchema>;

/** The events that a change of a job is told as: what the job did and, with its end, what has become of the cluster. */
export function eventsOf({ change, clusterState }: Pick<JobChange, 'change' | 'clusterState'>): JobWebhookEvent[] {
  switch (change) {
    case 'running':
      return ['job.started'];
    case 'taken-over':
      return ['job.taken-over'];
    case 'succeeded':
    case 'failed':
    case 'cancelled':
      return [`job.${change}`, ...settledEvent(clusterState)];
  }
}

/** A cluster that is still being changed, by a job that came in this one's place, has nothing to tell yet. */
function settledEvent(state: JobChange['clusterState']): JobWebhookEvent[] {
  switch (state) {
    case 'ready':
    case 'hibernated':
    case 'failed':
    case 'needs-repair':
    case 'deleted':
      return [`cluster.${state}`];
    case 'provisioning':
    case 'updating':
    case 'deleting':
      return [];
  }
}
