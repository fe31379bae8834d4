import type { NodeStep } from '../../../model/rendezvous.js';

/** How long the steps of a node take, in milliseconds of the clock. */
export interface NodeDurations {
  /** From running to the first step. */
  boot: number;
  packages: number;
  /** `kubeadm init`. */
  init: number;
  /** `kubeadm join` of a further control plane; one after the other. */
  joinControlPlane: number;
  joinWorker: number;
  /** How long the first control plane waits for a way in before it gives up for the time being. */
  patience: number;
}

/** Seconds that real nodes take: cloud-init, packages from Ubuntu's mirrors, kubeadm with its images. */
const realSeconds = { boot: 25, packages: 40, init: 40, joinControlPlane: 25, joinWorker: 20, patience: 300 };
/** However fast the sandbox's clouds are, the program that attaches a machine needs a moment after it has made it. */
const leastPatience = 60_000;

/** The durations under a latency: `milliseconds` turns real seconds into the sandbox's. */
export function nodeDurations(milliseconds: (realSeconds: number) => number): NodeDurations {
  const scaled = Object.fromEntries(Object.entries(realSeconds).map(([step, seconds]) => [step, milliseconds(seconds)])) as unknown as NodeDurations;
  return { ...scaled, patience: Math.max(scaled.patience, leastPatience) };
}

/** What is known of one machine that is to be a node. */
export interface MachineState {
  id: string;
  role: 'control-plane' | 'worker';
  /** Number of a control plane, from 1. */
  index: number | null;
  /** When the machine runs. */
  runningAt: number;
  /** When it joined, where that has happened: nothing takes it back. */
  joinedAt: number | undefined;
  /** What its role lacks, in words, or undefined when it may do all it needs. */
  lacks: string | undefined;
}

/** What is known of a cluster. */
export interface ClusterState {
  /** When its API server came up, where that has happened. */
  initialisedAt: number | undefined;
  /** Since when a load balancer leads to the first control plane, or what is missing for that. */
  entry: { since: number } | { missing: string };
}

/** A step and when it is reached. */
export interface StepMoment {
  step: NodeStep['step'];
  at: number;
  message: string | null;
}

/**
 * The moments at which the machines of one cluster reach their steps: a pure function of creation stamps and what exists. Moments that depend on something
 * missing are left out; a `failed` is there as long as its cause is.
 */
export function timeline(cluster: ClusterState, machines: readonly MachineState[], durations: NodeDurations): Map<string, StepMoment[]> {
  const moments = new Map<string, StepMoment[]>();
  const controlPlanes = machines.filter(({ role }) => role === 'control-plane').sort((a, b) => (a.index ?? 0) - (b.index ?? 0) || a.runningAt - b.runningAt);
  const fault = 'missing' in cluster.entry ? cluster.entry.missing : undefined;
  const since = 'since' in cluster.entry ? cluster.entry.since : undefined;
  let apiAt = cluster.initialisedAt;
  /** When the last join of a control plane ends: etcd takes one new member at a time. */
  let lastJoin = apiAt;

  for (const machine of controlPlanes) {
    const first = apiAt === undefined;
    const way = onTheWay(machine, durations);
    const packages = way.at(-1)?.at ?? machine.runningAt;
    // Only the machine that is to start the cluster can go on; the others wait for it, however long it takes.
    const isStarter = first && machine === controlPlanes[0];
    const start = latest(packages, isStarter ? since : lastJoin, isStarter || since !== undefined || machine.joinedAt !== undefined ? 0 : undefined);
    const duration = isStarter ? durations.init : durations.joinControlPlane;
    const end = addJoin(way, machine, start, duration, isStarter && since === undefined ? { fault, at: packages + durations.patience } : undefined, packages);
    moments.set(machine.id, way);
    if (isStarter) apiAt = end;
    if (end !== undefined) lastJoin = Math.max(lastJoin ?? end, end);
  }
  for (const machine of machines.filter(({ role }) => role === 'worker')) {
    const way = onTheWay(machine, durations);
    const packages = way.at(-1)?.at ?? machine.runningAt;
    const start = latest(packages, apiAt, since !== undefined || machine.joinedAt !== undefined ? 0 : undefined);
    addJoin(way, machine, start, durations.joinWorker, undefined, packages);
    moments.set(machine.id, way);
  }
  return moments;
}

function onTheWay(machine: MachineState, durations: NodeDurations): StepMoment[] {
  const booted = machine.runningAt + durations.boot;
  return [{ step: 'booted', at: booted, message: null }, { step: 'packages', at: booted + durations.packages, message: null }];
}

/** Adds kubeadm and joined, or failed; answers when the machine has joined. */
function addJoin(
  way: StepMoment[], machine: MachineState, start: number | undefined, duration: number, given: { fault: string | undefined; at: number } | undefined, packages: number,
): number | undefined {
  if (machine.joinedAt !== undefined) {
    way.push({ step: 'kubeadm', at: Math.min(start ?? machine.joinedAt, machine.joinedAt), message: null }, { step: 'joined', at: machine.joinedAt, message: null });
    return machine.joinedAt;
  }
  if (machine.lacks !== undefined) {
    way.push({ step: 'failed', at: packages, message: machine.lacks });
    return undefined;
  }
  if (start === undefined) {
    if (given?.fault !== undefined) way.push({ step: 'failed', at: given.at, message: given.fault });
    return undefined;
  }
  way.push({ step: 'kubeadm', at: start, message: null }, { step: 'joined', at: start + duration, message: null });
  return start + duration;
}

/** The latest of these moments, or undefined where one of them is not known. */
function latest(...moments: readonly (number | undefined)[]): number | undefined {
  return moments.some((moment) => moment === undefined) ? undefined : Math.max(...moments.filter((moment) => moment !== undefined));
}

/** The step that a machine is at, or undefined before its first. */
export function stepAt(moments: readonly StepMoment[], now: number): StepMoment | undefined {
  return moments.filter(({ at }) => at <= now).at(-1);
}
