import type { Account } from '../../model/accounts.js';
import type { ClusterRecord, Connection } from '../../model/cluster.js';
import type { JobRecord } from '../../model/job.js';
import type { StackKind } from '../../model/names.js';
import type { PhaseName } from '../../model/phases.js';
import type { Rollout } from '../../model/rollout.js';
import type { ClusterSpec } from '../../model/spec.js';
import type { InfrastructureOutputs } from '../../programs/provider.js';
import type { Cloud } from '../cloud/index.js';
import type { Engine } from '../engine/binary.js';
import type { EngineCommand } from '../engine/command.js';
import type { StackState } from '../engine/export.js';
import type { EngineStack } from '../engine/stack.js';
import type { NodeWatch } from './node-watch.js';
import type { FromOperation } from './protocol.js';

/** What an operation knows. The last fields are filled by phases, in each run anew: no phase trusts what an earlier run has left. */
export interface OperationContext {
  readonly job: JobRecord;
  readonly spec: ClusterSpec;
  readonly uid: string;
  /** The cluster's number; a preview of a creation has 1. */
  readonly slot: number;
  /** Null for the preview of a creation. */
  readonly cluster: ClusterRecord | null;
  /** Id of the installation, for the tags. */
  readonly installation: string;
  readonly account: Account;
  readonly engine: Engine;
  readonly command: EngineCommand;
  readonly backendUrl: string;
  readonly workDir: string;
  readonly cloud: Cloud;
  /** The cloud of the cluster whose backup is brought back, where that is another. */
  readonly source: Cloud | undefined;
  /** How long a node's pods may keep it from being drained, in milliseconds. */
  readonly drainLimitMs: number;
  readonly stacks: Readonly<Record<StackKind, EngineStack>>;
  /** Tells the worker. */
  report(message: Exclude<FromOperation, { type: 'result' }>): void;

  /** Filled by `preflight`: the stacks as they were when the operation began; undefined where there was none. */
  states: Readonly<Record<StackKind, StackState | undefined>>;
  /** Filled by `preflight`: the minors that machines are made in, as the state has them; undefined where there is no cluster yet. An upgrade moves it along, nothing else does. */
  rollout: Rollout | undefined;
  /** Filled by `preflight`: whether there may be something that a stack's state does not know. */
  doubts: Readonly<Record<StackKind, boolean>>;
  /** Filled by `preflight` of a restore: whether no control plane is left to restore on, so that the cluster comes back on new machines. */
  lost: boolean;
  /** Filled by `preflight` for what makes stacks: settles when the platform's stack is there; it is made while the infrastructure is. */
  platformReady: Promise<void>;
  /** Filled by `infrastructure`. */
  outputs: InfrastructureOutputs | undefined;
  /** Filled by `infrastructure`: tells each step of a node once, whichever phase sees it. */
  nodeWatch: NodeWatch | undefined;
  /** Filled by `control-plane`. */
  connection: Connection | undefined;
  /** Filled by `nodes` as it begins: settles when every node has joined, and never when they do not, for then the operation ends. */
  nodesJoined: Promise<void> | undefined;
  /** Of a drill that goes on to take its cluster away: what it ends with then; undefined as long as nothing is wrong. Its phases fail with it. */
  failure: { readonly error: unknown } | undefined;
}

/** One phase: what it does until it is done, and how long that may take. It can be entered again at any time and acts on the difference. */
export interface Phase {
  /** Longest time in milliseconds; the phase is then ended and the job fails. */
  readonly limitMs: number;
  /** The phase just before it that it begins with, not after: the two run side by side, and if one fails the other is interrupted. */
  readonly beginsWith?: PhaseName;
  run(context: OperationContext, signal: AbortSignal): Promise<void>;
}
