import { ClusterwrightError } from '../../model/errors.js';
import type { NodeStep } from '../../model/rendezvous.js';
import type { ClusterSpec } from '../../model/spec.js';
import type { KubernetesError } from '../kubernetes/client.js';

/** A load balancer takes a few minutes to lead to machines that have just come up. */
const patienceMs = 5 * 60_000;

/** How a network ends a connection that it lets nobody make. A refused connection is none of these: somebody has answered. */
const closed: ReadonlySet<string> = new Set(['UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']);

/** Tells an API server that is up but out of the worker's reach from one that is not up yet: it is, say the nodes, and no packet comes back. */
export class ClosedWay {
  #since: number | undefined;

  constructor(private readonly spec: Pick<ClusterSpec, 'name' | 'network'>, private readonly address: string, private readonly patience: number = patienceMs) {}

  /** Somebody has answered, whatever it was. */
  opened(): void {
    this.#since = undefined;
  }

  /** Throws `cluster-unreachable` once the way has been closed for long enough. @param now milliseconds */
  look(error: KubernetesError, steps: readonly NodeStep[], now: number): void {
    const up = steps.find(({ role, step }) => role === 'control-plane' && step === 'joined');
    if (error.status !== undefined || !closed.has(codeOf(error)) || up === undefined) {
      this.#since = undefined;
      return;
    }
    this.#since ??= now;
    if (now - this.#since < this.patience) return;
    const { apiServer } = this.spec.network;
    const which = apiServer.public ? `public for ${apiServer.allowedCidrs.join(', ') || 'nobody'}` : 'private';
    throw new ClusterwrightError('cluster-unreachable', `${up.node} is up, but nothing comes back from ${this.address}, where the API server of ${this.spec.name} is ${which}: ${error.message}.`, { resource: this.spec.name });
  }
}

/** The code of the first error in the chain of causes that has one. */
function codeOf(error: unknown): string {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) if ('code' in cause && typeof cause.code === 'string') return cause.code;
  return '';
}
