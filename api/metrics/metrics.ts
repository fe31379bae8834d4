import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { expiryKinds } from '../../model/expiry.js';
import { jobStates } from '../../model/job.js';
import { stopReasons } from '../../model/node-health.js';
import type { ApiDependencies } from '../dependencies.js';
import { tryResults } from '../../store/webhooks.js';
import { PhaseDurations } from './phase-durations.js';

/** What the API measures. Each application has a registry of its own. */
export interface Metrics {
  readonly registry: Registry;
  /** Seconds by method, route pattern and status; streams are not in it. */
  readonly requestSeconds: Histogram<'method' | 'route' | 'status'>;
  readonly eventStreams: Gauge;
  readonly submissions: Counter<'kind'>;
}

/** Days that are told for, how many clusters have something that ends within them. */
const expiryDays = [0, 14, 30, 60];
const dayMs = 24 * 3_600_000;

/** A worker that has said nothing for this long runs nothing, in milliseconds: they beat every 5 s. */
const aliveMs = 60_000;

/** Metrics of the process, of HTTP, and, asked of the store at each scrape, of jobs and the queue. */
export function createMetrics({ store, queueDepth, log }: Pick<ApiDependencies, 'store' | 'queueDepth' | 'log'>): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];

  /** Fills a gauge at a scrape; what cannot be read has no value rather than an old one. */
  const reading = (gauge: Gauge, fill: () => Promise<void>) => async () => {
    gauge.reset();
    await fill().catch((error: unknown) => log.debug({ err: error }, 'a metric could not be read'));
  };
  const gauge = (name: string, help: string, labelNames: string[], fill: (self: Gauge) => Promise<void>): void => {
    const made: Gauge = new Gauge({ name, help, labelNames, registers, collect: () => reading(made, () => fill(made))() });
  };

  gauge('clusterwright_jobs', 'Jobs that are kept, by state.', ['state'], async (self) => {
    const counts = await store.countJobs();
    for (const state of jobStates) self.set({ state }, counts[state]);
  });
  gauge('clusterwright_queue_depth', 'Jobs that wait in the queue.', [], async (self) => self.set(await queueDepth()));
  gauge('clusterwright_operations_running', 'Operations that a worker runs now, by worker.', ['worker'], async (self) => {
    // One that has died is kept for an hour, with what it ran last.
    const alive = (await store.workers()).filter(({ at }) => Date.now() - Date.parse(at) < aliveMs);
    for (const worker of alive) self.set({ worker: worker.id }, worker.running);
  });

  gauge('clusterwright_replacement_stopped', 'Clusters with machines that are not well and are not replaced, by what keeps the service from it.', ['reason'], async (self) => {
    const counts = await store.stoppedReplacements();
    for (const reason of stopReasons) self.set({ reason }, counts.get(reason) ?? 0);
  });

  gauge('clusterwright_drills_failed', 'Clusters whose last restore drill of etcd, or of the whole cluster, failed.', [], async (self) => self.set(await store.failedDrills()));
  gauge('clusterwright_drills_missed', 'Ready clusters that two intervals of a calendar of restore drills have gone by for since one has succeeded.', [], async (self) => {
    const missed = await store.missedDrills();
    // A reset gauge without labels says 0, which nobody has counted.
    if (missed === undefined) self.remove();
    else self.set(missed);
  });

  gauge('clusterwright_clusters_drifted', 'Clusters whose last check found drift that nobody has accepted or left aside.', [], async (self) => self.set(await store.driftedClusters()));

  gauge('clusterwright_clusters_behind', 'Clusters with machines that were made from an older image than the current one, or in another release of Kubernetes than machines are made in now.', [], async (self) => self.set(await store.clustersBehind()));

  gauge('clusterwright_clusters_expiring', 'Clusters of which something of a kind ends within so many days, or has ended.', ['kind', 'days'], async (self) => {
    for (const days of expiryDays) {
      const counts = await store.endingBefore(new Date(Date.now() + days * dayMs));
      for (const kind of expiryKinds) self.set({ kind, days }, counts[kind]);
    }
  });

  const tries: Counter<'result'> = new Counter({
    name: 'clusterwright_webhook_tries_total',
    help: 'Tries to deliver webhooks, of all workers, by what they came to.',
    labelNames: ['result'],
    registers,
    collect: async () => {
      tries.reset();
      const results = await store.webhooks.results().catch((error: unknown) => log.debug({ err: error }, 'a metric could not be read'));
      if (results) for (const result of tryResults) tries.inc({ result }, results[result]);
    },
  });
  gauge('clusterwright_webhook_deliveries_pending', 'Deliveries of webhooks that are still to be made.', [], async (self) => self.set(await store.webhooks.pending()));

  const phases = new PhaseDurations(store, new Date());
  const phaseSeconds: Histogram<'kind' | 'phase' | 'state'> = new Histogram({
    name: 'clusterwright_phase_duration_seconds',
    help: 'Durations of the phases of jobs that ended while this process ran.',
    labelNames: ['kind', 'phase', 'state'],
    buckets: [1, 5, 15, 30, 60, 120, 300, 600, 1200, 2400],
    registers,
    collect: async () => {
      try {
        await phases.take((sample) => phaseSeconds.observe({ kind: sample.kind, phase: sample.phase, state: sample.state }, sample.seconds));
      } catch (error) {
        log.debug({ err: error }, 'the phases of jobs could not be read');
      }
    },
  });

  return {
    registry,
    requestSeconds: new Histogram({
      name: 'clusterwright_http_request_duration_seconds',
      help: 'Durations of requests, by route pattern; event streams are counted apart.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 2.5],
      registers,
    }),
    eventStreams: new Gauge({ name: 'clusterwright_event_streams', help: 'Event streams that are open.', registers }),
    submissions: new Counter({ name: 'clusterwright_jobs_submitted_total', help: 'Jobs that were asked for, by kind.', labelNames: ['kind'], registers }),
  };
}
