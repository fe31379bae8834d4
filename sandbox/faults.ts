import { z } from 'zod';

/** A fault to be met by the next matching requests. All filters given must match; none given matches everything. */
export const faultSchema = z.strictObject({
  /** Type token (`aws:ec2/vpc:Vpc`), function token, or action of a data plane (`ssm:GetParameter`). */
  type: z.string().min(1).optional(),
  /** The part of the cluster, as in the tag `clusterwright:resource`, or the resource's name in the program. */
  resource: z.string().min(1).optional(),
  cluster: z.string().min(1).optional(),
  operation: z.enum(['create', 'update', 'delete', 'read', 'invoke']).optional(),
  /**
   * `fail`: refused with `message`. `throttle`: the cloud answers "Rate exceeded"; providers try again as the real ones
   * do, and give up when it goes on for too long. `stall`: nothing happens for `seconds` (default: until cancelled), then
   * it goes on. `lose-answer`: the change is made, but its answer is lost (after `seconds`). `deny`: refused for want of a right; while it stands, what tells of
   * rights (IAM's simulation of policies, the resource manager's permissions) has the action of its `type` as not given.
   */
  kind: z.enum(['fail', 'throttle', 'stall', 'lose-answer', 'deny']),
  times: z.int().min(1).default(1),
  message: z.string().min(1).optional(),
  /** Seconds of sandbox time, not scaled. */
  seconds: z.number().min(0).optional(),
});

export type FaultRequest = z.infer<typeof faultSchema>;

export interface Fault extends FaultRequest {
  readonly id: number;
  /** How often it will still strike. */
  remaining: number;
}

/** What a request is, for comparison with the faults. */
export interface Target {
  readonly type: string;
  readonly operation: NonNullable<FaultRequest['operation']>;
  readonly cluster: string | null;
  /** Names under which the resource may have been meant. */
  readonly resources: readonly (string | null | undefined)[];
}

/** The faults asked for. They live in memory: a restarted sandbox has none. */
export class Faults {
  #next = 1;
  #faults: Fault[] = [];

  add(request: FaultRequest): Fault {
    const fault: Fault = { ...request, id: this.#next, remaining: request.times };
    this.#next += 1;
    this.#faults.push(fault);
    return fault;
  }

  list(): readonly Fault[] {
    return this.#faults;
  }

  clear(): void {
    this.#faults = [];
  }

  /** Actions that a fault of kind `deny` stands for. Looking at them uses none up. */
  denied(): string[] {
    return this.#faults.flatMap(({ kind, type }) => (kind === 'deny' && type !== undefined ? [type] : []));
  }

  /** The fault that strikes this request, if any; uses up one of its times. */
  strike(target: Target): Fault | undefined {
    const fault = this.#faults.find((candidate) => matches(candidate, target));
    if (fault === undefined) return undefined;
    fault.remaining -= 1;
    if (fault.remaining === 0) this.#faults = this.#faults.filter((other) => other !== fault);
    return fault;
  }
}

function matches(fault: Fault, target: Target): boolean {
  return (
    (fault.type === undefined || fault.type === target.type) &&
    (fault.operation === undefined || fault.operation === target.operation) &&
    (fault.cluster === undefined || fault.cluster === target.cluster) &&
    (fault.resource === undefined || target.resources.includes(fault.resource))
  );
}
