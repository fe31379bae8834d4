import { z } from 'zod';
import { ClusterwrightError } from '../model/errors.js';
import { expiryKinds, lastsForADay, toldDays } from '../model/expiry.js';
import { deliverySchema, deliveryTrySchema, plannedDeliverySchema, webhookChangeSchema, type Delivery, type DeliveryTry, type PlannedDelivery, type WebhookChange } from '../model/webhook-delivery.js';
import type { Page, PageRequest } from './contract.js';
import { cursorBehind, itemBefore } from './cursor.js';
import { key } from './keys.js';
import type { Link } from './link.js';
import { parse, parseJson } from './parsing.js';
import { Script } from './script.js';

/** Deliveries that a cluster's log shows, tries that each keeps, and how long they are kept, in ms. */
const logged = 100;
const triesKept = 30;
const dayMs = 24 * 3_600_000;
const keepMs = 30 * dayMs;

/** What lasts for a day is told of so long after its end: by then it is known whether a cluster that has just become ready has it anew. Control planes tell every ten minutes, and are looked at every five. In ms. */
const renewalMs = 30 * 60_000;

const endsScript = new Script('webhook-ends');
const planScript = new Script('webhook-plan');
const dueScript = new Script('webhook-due');
const queuedScript = new Script('webhook-queued');
const triedScript = new Script('webhook-tried');
const redeliverScript = new Script('webhook-redeliver');

/** A delivery that the queue has to be given, and after which time the queue shall hand it out. */
export interface DueDelivery {
  readonly id: string;
  readonly round: number;
  readonly delayMs: number;
}

/** What became of a delivery by a try: made, to be tried again after `waitMs`, or given up. */
export type TryVerdict = { readonly state: 'delivered' | 'given-up' } | { readonly state: 'pending'; readonly waitMs: number };

/** What tries have come to; these are counted. */
export const tryResults = ['delivered', 'to-retry', 'given-up'] as const;
export type TryResult = (typeof tryResults)[number];

const resultOf: Readonly<Record<TryVerdict['state'], TryResult>> = { delivered: 'delivered', pending: 'to-retry', 'given-up': 'given-up' };

const fieldsSchema = z.array(z.string()).transform((list) => Object.fromEntries(list.flatMap((name, index) => (index % 2 === 0 ? [[name, list[index + 1]] as const] : []))));
const entrySchema = z.tuple([z.string(), fieldsSchema]);
const dueReply = z.array(z.tuple([z.string(), z.coerce.number(), z.coerce.number()]));
const redeliverReply = z.tuple([z.enum(['begun', 'not-found'])]);

/**
 * What webhooks are told, in Redis. Scripts that change jobs write it into an outbox with the change itself (`tell_webhooks`), and what ends is written there by its time; a relay plans
 * deliveries of it, once each, and gives them to the queue until they have been made or given up.
 */
export class WebhookStore {
  readonly #link: Link;

  constructor(link: Link) {
    this.#link = link;
  }

  /**
   * Writes into the outbox which clusters have come so near an end, or to it, that it is told (`toldDays`). Of each cluster and kind each end is told once for each number of days, of
   * several that have come at once the least, and no end that is before one that was told.
   */
  async noteEnds(now: Date): Promise<void> {
    const kinds = expiryKinds.map((kind) => {
      const renewed = lastsForADay.includes(kind) ? new Date(now.getTime() - renewalMs) : undefined;
      return { kind, within: toldDays[kind].map((days) => ({ days, before: (renewed ?? now).getTime() + days * dayMs })), settledBy: renewed?.toISOString() };
    });
    await this.#link.call((redis) => endsScript.run(redis, { kinds }));
  }

  /** What has happened and is not planned yet, the oldest first. */
  async changes(limit: number): Promise<WebhookChange[]> {
    const entries = await this.#link.call((redis) => redis.xrange(key('webhooks:changes'), '-', '+', 'COUNT', limit));
    return entries.map((entry) => {
      const [id, { error, ...fields }] = parse(entry, 'change for webhooks', entrySchema);
      const at = new Date(Number(id.split('-')[0])).toISOString();
      return parse({ ...fields, id, at, ...(error === undefined ? {} : { error: parseJson(error, 'change for webhooks') }) }, 'change for webhooks', webhookChangeSchema);
    });
  }

  /** Writes the deliveries that a change calls for, and takes it out of the outbox. Nothing happens where somebody has done so. */
  async plan(changeId: string, deliveries: readonly PlannedDelivery[]): Promise<void> {
    await this.#link.call((redis) => planScript.run(redis, {
      change: changeId, deliveries: deliveries.map(({ id, cluster }) => ({ id, cluster })), keepMs, logged,
    }, deliveries.map((delivery) => JSON.stringify(parse(delivery, 'delivery to be stored', plannedDeliverySchema)))));
  }

  /** Deliveries that the queue has to be given, the oldest first. */
  async due(limit: number): Promise<DueDelivery[]> {
    const reply = dueReply.parse(await this.#link.call((redis) => dueScript.run(redis, { limit })));
    return reply.map(([id, round, delayMs]) => ({ id, round, delayMs }));
  }

  /** Notes that the queue has these deliveries. They are due again `repeatMs` after their next tries, unless they are settled by then. */
  async queued(ids: readonly string[], repeatMs: number): Promise<void> {
    await this.#link.call((redis) => queuedScript.run(redis, { deliveries: ids, repeatMs }));
  }

  /** A delivery by its id. */
  async delivery(id: string): Promise<Delivery | undefined> {
    return deliveryFrom(await this.#link.call((redis) => redis.hgetall(key('webhooks:delivery', id))));
  }

  /** Notes a try of a round and what follows from it. */
  async tried({ id, round, cluster }: Pick<Delivery, 'id' | 'round' | 'cluster'>, made: DeliveryTry, verdict: TryVerdict, repeatMs: number): Promise<void> {
    const waitMs = verdict.state === 'pending' ? Math.ceil(verdict.waitMs) : undefined;
    await this.#link.call((redis) => triedScript.run(redis, {
      id, round, cluster, state: verdict.state, waitMs, result: resultOf[verdict.state], repeatMs, kept: triesKept,
    }, [JSON.stringify(parse(made, 'try to be stored', deliveryTrySchema))]));
  }

  /** A page of a cluster's log, the newest first. Deliveries of clusters that are gone are listed as long as they are kept. */
  async list(cluster: string, { limit, cursor }: PageRequest): Promise<Page<Delivery>> {
    const from = cursor === undefined ? '+' : `(${itemBefore('deliveries', cursor)}`;
    return this.#link.call(async (redis) => {
      const ids = await redis.zrevrangebylex(key('webhooks:cluster', cluster), from, '-', 'LIMIT', 0, limit + 1);
      const shown = ids.slice(0, limit);
      const records = await Promise.all(shown.map((id) => redis.hgetall(key('webhooks:delivery', id))));
      const last = shown.at(-1);
      return { items: records.flatMap((record) => deliveryFrom(record) ?? []), nextCursor: ids.length > limit && last !== undefined ? cursorBehind('deliveries', last) : null };
    });
  }

  /** Has a delivery of a cluster's log made again, in a round of its own. Throws `delivery-not-found`. */
  async redeliver(cluster: string, id: string): Promise<Delivery> {
    const [word] = redeliverReply.parse(await this.#link.call((redis) => redeliverScript.run(redis, { cluster, id })));
    const delivery = word === 'begun' ? await this.delivery(id) : undefined;
    if (delivery === undefined) throw new ClusterwrightError('delivery-not-found', `The cluster "${cluster}" has no delivery ${id}.`, { resource: cluster });
    return delivery;
  }

  /** How many tries came to what, since this Redis is there. */
  async results(): Promise<Record<TryResult, number>> {
    const counts = await this.#link.call((redis) => redis.hgetall(key('webhooks:results')));
    return { delivered: Number(counts['delivered'] ?? 0), 'to-retry': Number(counts['to-retry'] ?? 0), 'given-up': Number(counts['given-up'] ?? 0) };
  }

  /** How many deliveries are still to be made. */
  async pending(): Promise<number> {
    return this.#link.call((redis) => redis.zcard(key('webhooks:pending')));
  }
}

/** A delivery out of its fields; undefined when there is none. */
function deliveryFrom(fields: Readonly<Record<string, string>>): Delivery | undefined {
  const { fixed, state, round, nextTryAt, tries = '0', triesBefore = '0' } = fields;
  if (fixed === undefined) return undefined;
  const made = Object.keys(fields).filter((name) => name.startsWith('try:')).sort((a, b) => numberOf(a) - numberOf(b));
  return parse({
    ...parse(parseJson(fixed, 'delivery'), 'delivery', plannedDeliverySchema),
    state,
    round: Number(round),
    triesInRound: Number(tries) - Number(triesBefore),
    tries: made.map((name) => parseJson(fields[name] ?? '', 'delivery')),
    nextTryAt: nextTryAt ? new Date(Number(nextTryAt)).toISOString() : null,
  }, 'delivery', deliverySchema);
}

function numberOf(name: string): number {
  return Number(name.slice('try:'.length));
}
