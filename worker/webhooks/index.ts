import { setTimeout as wait } from 'node:timers/promises';
import { DelayedError, Queue, Worker, type Job } from 'bullmq';
import type { Logger } from 'pino';
import { z } from 'zod';
import { hostOf, type AllowedTargets } from '../../model/webhook-targets.js';
import type { Webhook } from '../../model/webhooks.js';
import { connect, connectForWorker } from '../../store/connection.js';
import { queueOptions, workerOptions } from '../../store/queue.js';
import { HostLanes } from './host-lanes.js';
import type { Resolver } from './public-connector.js';
import { defaultRelayTimes, WebhookRelay, type DeliveryData, type RelayTimes, type WebhookRelayParts } from './relay.js';
import { WebhookSender } from './sender.js';
import { defaultRetryPolicy, verdictOf, type RetryPolicy } from './verdict.js';

/** What the deliveries of webhooks are made of. */
export interface WebhookParts {
  readonly store: WebhookRelayParts['store'];
  readonly redisUrl: string;
  readonly log: Logger;
  /** The service's own webhooks. */
  readonly webhooks: readonly Webhook[];
  /** Signing secrets; without one this process plans deliveries and makes none. */
  readonly secrets: readonly string[];
  readonly allowed: AllowedTargets;
  readonly retry?: RetryPolicy;
  readonly times?: RelayTimes;
  readonly resolve?: Resolver;
  /** Longest time of a try, in milliseconds. */
  readonly tryMs?: number;
}

export interface RunningWebhooks {
  /** Takes no more deliveries, lets those under way end for `graceMs` (default: the time of one try) and cuts the rest, which are made again later. */
  stop(graceMs?: number): Promise<void>;
}

/** Deliveries at once per worker, and of these to one host. */
const atOnce = 10;
const perHost = 2;
/** How long a delivery steps back for others while its host is busy, in milliseconds, at least; up to twice as long. */
const stepBackMs = 250;

/** No try takes longer, in milliseconds, with what it takes to note it. */
const longestTryMs = 17_000;

const queueName = 'webhooks';
const dataSchema = z.strictObject({ id: z.ulid(), round: z.int() });

/** A try that another one is to follow. */
class TryAgain extends Error {
  constructor(readonly waitMs: number) {
    super('the delivery is tried again');
  }
}

/** Starts to deliver webhooks: plans what is to be told, queues it and sends it. */
export function startWebhooks(parts: WebhookParts): RunningWebhooks {
  const { store, log, redisUrl } = parts;
  const { retry = defaultRetryPolicy, times = defaultRelayTimes } = parts;
  if (parts.secrets.length === 0) {
    const relay = new WebhookRelay({ ...parts, queue: undefined }, times);
    relay.start();
    return { stop: () => relay.stop() };
  }

  const queueConnection = connect(redisUrl, 'webhooks-queue');
  const workerConnection = connectForWorker(redisUrl, 'webhooks');
  const options = queueOptions(queueConnection);
  const queue = new Queue<DeliveryData>(queueName, {
    ...options,
    // As many tries as a round has: what fails for reasons of our own uses some of them up, and the outbox brings the rest back.
    defaultJobOptions: { ...options.defaultJobOptions, attempts: retry.tries, backoff: { type: 'custom' } },
  });
  const relay = new WebhookRelay({ ...parts, queue }, times);
  const sender = new WebhookSender({ ...parts, totalMs: parts.tryMs });
  const lanes = new HostLanes(perHost);

  const work = async (queued: Job<unknown>, token?: string): Promise<void> => {
    const { id, round } = dataSchema.parse(queued.data);
    const delivery = await store.webhooks.delivery(id);
    // Made already, or begun anew: an entry of the queue may come twice.
    if (delivery?.state !== 'pending' || delivery.round !== round) return;
    const host = hostOf(new URL(delivery.url));
    const leave = lanes.enter(host);
    if (leave === undefined) {
      await queued.moveToDelayed(Date.now() + stepBackMs * (1 + Math.random()), token);
      throw new DelayedError();
    }
    const at = new Date();
    const started = performance.now();
    const answer = await sender.send(delivery).finally(leave);
    const ms = Math.round(performance.now() - started);
    const verdict = verdictOf(answer, delivery.triesInRound + 1, retry);
    await store.webhooks.tried(delivery, { at: at.toISOString(), status: answer.status, error: answer.error, ms }, verdict, times.repeatMs);
    const about = { delivery: id, event: delivery.type, cluster: delivery.cluster, host, status: answer.status, error: answer.error, ms };
    if (verdict.state === 'given-up') log.warn(about, 'a webhook is given up');
    else log.debug(about, verdict.state === 'delivered' ? 'a webhook is delivered' : 'a webhook is to be tried again');
    if (verdict.state === 'pending') throw new TryAgain(verdict.waitMs);
  };
  const worker = new Worker(queueName, work, {
    ...workerOptions(workerConnection, atOnce),
    // A delivery is made again where nobody knows whether it was: receivers know it by its id.
    maxStalledCount: retry.tries,
    // A worker that lives renews this in good time; what a dead one held is taken up soon after.
    lockDuration: 15_000,
    stalledInterval: 10_000,
    settings: { backoffStrategy: (_made, _type, error) => (error instanceof TryAgain ? Math.ceil(error.waitMs) : 1_000) },
  });
  worker.on('error', (error) => log.debug({ err: error }, 'the queue of webhooks is not reachable'));
  worker.on('failed', (_job, error) => {
    if (!(error instanceof TryAgain)) log.warn({ err: error }, 'a webhook could not be worked off');
  });
  queue.on('error', (error) => log.debug({ err: error }, 'the queue of webhooks is not reachable'));
  relay.start();

  return {
    stop: async (graceMs = longestTryMs) => {
      await relay.stop();
      const ended = Promise.all([worker.close(), queue.close()]).catch((error: unknown) => log.debug({ err: error }, 'the queue of webhooks is not reachable'));
      // Without Redis the queue cannot say good-bye, and what is cut here is in the outbox.
      await Promise.race([ended, wait(Math.min(graceMs, longestTryMs), undefined, { ref: false })]);
      await sender.close();
      workerConnection.disconnect();
      queueConnection.disconnect();
    },
  };
}
