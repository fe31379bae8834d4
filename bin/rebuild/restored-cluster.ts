import { withDeletionIncomplete, type ClusterRecord, type ClusterState } from '../../model/cluster.js';
import { clouds } from '../../model/clouds/index.js';
import { apiServerPort, endpointName, stackKinds, stackName, type StackKind } from '../../model/names.js';
import type { StackRecord } from '../../programs/record.js';
import { infrastructureOutputs } from '../../worker/engine/outputs.js';
import type { StackFinding } from './finding.js';

/** The stacks of one cluster, as far as the backend has them. */
export type ClusterFinding = Readonly<Record<StackKind, StackFinding | undefined>>;

/** A cluster's record out of the backend, and why it is in its state. */
export interface RestoredCluster {
  readonly cluster: ClusterRecord;
  /** In words; null for one that is ready. */
  readonly reason: string | null;
}

/** What goes into a record beside the stacks. */
export interface Circumstances {
  readonly simulated: boolean;
  /** The cluster's CA, PEM; undefined where no control plane has published it. */
  readonly certificateAuthority: string | undefined;
  readonly now: Date;
}

/** The names of clusters that stacks belong to; other stacks in the project are none of ours. */
export function clustersOf(stacks: readonly string[]): string[] {
  return stacks.flatMap((stack) => stackKinds.flatMap((kind) => {
    const ending = stackName('', kind);
    return stack.endsWith(ending) && stack !== ending ? stack.slice(0, -ending.length) : [];
  }));
}

/** The record of the cluster that stacks belong to: the infrastructure's, which is written first; undefined where neither stack has one. */
export function recordOf({ infrastructure, platform }: ClusterFinding): StackRecord | undefined {
  return infrastructure?.state.record ?? platform?.state.record;
}

/** Whether the stacks hold nothing: they were made for a cluster that was never begun, or all of it has been deleted. */
export function isEmpty({ infrastructure, platform }: ClusterFinding): boolean {
  return [infrastructure, platform].every((stack) => stack === undefined || (stack.state.record === undefined && stack.state.resources.length === 0 && stack.state.pending.length === 0));
}

/** The cluster that stacks describe. Pure: what counts is what the backend says, and nothing is guessed to be better than that. */
export function restoredCluster(finding: ClusterFinding, { uid, slot, spec }: StackRecord, { simulated, certificateAuthority, now }: Circumstances): RestoredCluster {
  const { infrastructure, platform } = finding;
  const outputs = outputsOf(infrastructure);
  const connection = outputs === undefined || certificateAuthority === undefined ? null
    : { endpoint: `https://${endpointName(spec.name, spec.network.domain)}:${apiServerPort}`, address: outputs.apiServerAddress, certificateAuthority };
  const verdict = judge(finding, connection !== null);
  const times = stackKinds.flatMap((kind) => [finding[kind]?.lastUpdate?.endedAt, finding[kind]?.writtenAt]).filter((time) => time !== undefined).sort();
  const createdAt = infrastructure?.createdAt ?? platform?.createdAt ?? times[0] ?? now.toISOString();
  return {
    cluster: {
      name: spec.name, uid, slot, spec, simulated, connection,
      state: verdict.state,
      // Above every version that the cluster has had, so that an ETag of before the loss names no version of after it.
      version: Math.floor(now.getTime() / 1_000),
      zones: outputs?.zones ?? clouds[spec.provider].zones(spec.region),
      conditions: isDeletionBegun(finding, connection !== null) ? withDeletionIncomplete([], { code: 'deletion-begun', detail: verdict.reason ?? '' }, now.toISOString()) : [],
      createdAt,
      updatedAt: times.at(-1) ?? createdAt,
      activeJob: null, nextJob: null, lastJob: null,
    },
    reason: verdict.reason,
  };
}

interface Verdict {
  readonly state: Extract<ClusterState, 'ready' | 'failed' | 'needs-repair'>;
  readonly reason: string | null;
}

/** A deletion drops the platform's stack first; a cluster that never got as far as an API server may never have had one. */
function isDeletionBegun({ infrastructure, platform }: ClusterFinding, connected: boolean): boolean {
  return infrastructure?.lastUpdate?.kind === 'destroy' || (infrastructure !== undefined && platform === undefined && connected);
}

function judge(finding: ClusterFinding, connected: boolean): Verdict {
  const { infrastructure, platform } = finding;
  const failed = (reason: string): Verdict => ({ state: 'failed', reason });
  for (const kind of stackKinds) {
    const doubt = doubtAbout(finding[kind]);
    if (doubt !== undefined) return { state: 'needs-repair', reason: `${kind}: ${doubt}` };
  }
  if (isDeletionBegun(finding, connected)) return failed('its deletion has begun');
  if (infrastructure === undefined || platform === undefined) return failed(`it has no ${infrastructure === undefined ? 'infrastructure' : 'platform'}`);
  for (const kind of stackKinds) {
    const fault = faultOf(finding[kind]);
    if (fault !== undefined) return failed(`${kind}: ${fault}`);
  }
  if (JSON.stringify(infrastructure.state.record) !== JSON.stringify(platform.state.record)) return failed('the platform is not of the same spec as the infrastructure');
  if (!connected) return failed('nobody knows its API server\'s CA or address');
  return { state: 'ready', reason: null };
}

/** Why nobody can tell what exists: an engine died at its work, or is at work still. */
function doubtAbout(stack: StackFinding | undefined): string | undefined {
  if (stack === undefined) return undefined;
  const { state: { pending }, lock, lastUpdate } = stack;
  if (pending.length > 0) return `interrupted at ${pending.map(({ operation, name }) => `${operation} ${name}`).join(', ')}`;
  if (lock !== undefined) return `locked by ${lock}`;
  if (lastUpdate?.result === 'in-progress') return 'an update has not ended';
  return undefined;
}

/** Why a stack is not what its spec asks for. */
function faultOf(stack: StackFinding | undefined): string | undefined {
  const last = stack?.lastUpdate;
  // Where life-cycle rules have removed the history, the outputs tell: they are written when a program has come to its end.
  if (last === undefined) return Object.keys(stack?.state.outputs ?? {}).length > 0 ? undefined : 'never brought up';
  if (last.kind === 'destroy') return 'destroyed';
  if (last.result !== 'succeeded') return `the last ${last.kind} ended as ${last.result}`;
  return undefined;
}

/** Undefined where the infrastructure never came to its end. */
function outputsOf(infrastructure: StackFinding | undefined): { apiServerAddress: string; zones: string[] } | undefined {
  if (infrastructure === undefined || infrastructure.state.outputs['apiServerAddress'] === undefined) return undefined;
  return infrastructureOutputs(infrastructure.state.outputs, 'infrastructure');
}
