import { ClusterwrightError, isClusterwrightError } from '../../../model/errors.js';
import { isInPlace } from '../../../model/job-request.js';
import { unknownOrder } from '../../../model/orders.js';
import type { Rollout } from '../../../model/rollout.js';
import { kubernetesReleases } from '../../../model/spec.js';
import type { ControlPlaneOutput } from '../../../programs/provider.js';
import { drainableNodes, forgetNode, uncordon, type DrainableNode } from '../../kubernetes/node-drain.js';
import { bringUp } from '../bring-up.js';
import type { OperationContext } from '../context.js';
import { deleteControlPlane } from '../control-plane-machine.js';
import { Draining } from '../draining.js';
import { lookAtCluster } from '../kubernetes.js';
import { tell } from '../kubernetes-made.js';
import { ordered } from '../orders.js';
import { isOn } from '../phases/nodes.js';
import { pollWithin } from '../poll.js';
import { filled } from '../sink.js';
import { criterionOf, type Criterion } from './criterion.js';
import { replaceInstead } from './in-place.js';
import { nextOldMachine, numberOf, staying, type OldMachine } from './machines.js';
import { awaitedLook, awaitedNodes, joinMs } from './nodes.js';

/** Members of etcd are asked several times, and the load balancers are waited for. */
const memberMs = 10 * 60_000;

/** An upgrade in place fetches packages and images. */
const inPlaceMs = 60 * 60_000;

/**
 * Replaces the control planes that are not new, one at a time, or upgrades them in place. What is to be done follows from nodes and machines: whoever comes after a crash goes on with the first machine that is still old.
 * Where they are replaced, one machine more than the spec has comes first and goes last, so that etcd has as many members as ever in between.
 */
export class ControlPlaneRollout {
  readonly #release: string;
  readonly #draining: Draining;

  constructor(private readonly context: OperationContext, private readonly signal: AbortSignal, private readonly criterion: Criterion = criterionOf(context)) {
    this.#release = kubernetesReleases[context.spec.kubernetesVersion];
    this.#draining = new Draining(context, signal);
  }

  /** Does all of it. Throws `node-not-drained`, `node-failed`, `nodes-timeout`, and what orders throw. */
  async run(): Promise<void> {
    const { kubernetesVersion } = this.context.spec;
    const before = filled(this.context.rollout, 'the rollout');
    // Asked before anything is made: what is made from then on is new.
    const next = await this.#nextOld(await this.criterion.look());
    const inPlace = isInPlace(this.context.job.intent.request);
    const made = { controlPlane: kubernetesVersion, pools: before.pools };
    if (inPlace) await this.#make({ ...made, surge: before.surge, ...(next !== undefined && !before.surge ? { inPlace } : {}) }, this.#underWay(next));
    else await this.#make({ ...made, surge: before.surge || next !== undefined });
    await this.#joined();
    await this.#openNew();
    for (;;) {
      const old = await this.#nextOld(await this.criterion.look());
      if (old === undefined) break;
      await (inPlace ? this.#upgrade(old.machine, old.node) : this.#replace(old.machine, old.node));
    }
    await this.#renewDns();
    await this.#letSurgeGo();
  }

  async #nextOld(isNew: (node: DrainableNode) => boolean): Promise<OldMachine | undefined> {
    return nextOldMachine(this.#own(), await awaitedNodes(this.context, this.signal), isNew);
  }

  async #replace(machine: ControlPlaneOutput, node: DrainableNode): Promise<void> {
    const of = `Control plane ${machine.name}`;
    await this.#empty(of, node);
    await this.#make(filled(this.context.rollout, 'the rollout'), numberOf(machine));
    await this.#leaveEtcd(machine, node);
    await deleteControlPlane(this.context, this.signal, machine.name.slice(this.context.spec.name.length + 1));
    await lookAtCluster(this.context, (client) => forgetNode(client, node.name));
    await this.#make(filled(this.context.rollout, 'the rollout'));
    await this.#joined();
    tell(this.context, 'info', `${of} has a new machine with Kubernetes ${this.#release}.`);
  }

  /** The machine stays: its node is emptied and the load balancers stop sending to it, so that nobody feels that etcd and API server restart there, and it brings itself to the release. */
  async #upgrade(machine: ControlPlaneOutput, node: DrainableNode): Promise<void> {
    const { context, signal } = this;
    const { kubernetesVersion } = context.spec;
    const rollout = filled(context.rollout, 'the rollout');
    const of = `Control plane ${machine.name}`;
    await this.#empty(of, node, 'before it is upgraded in place');
    const isAlone = this.#isAlone();
    try {
      if (!isAlone) await this.#make(rollout, numberOf(machine));
      await ordered(context, node.name, { task: 'upgrade-in-place', arguments: [kubernetesVersion, this.#release], step: `upgrade-${numberOf(machine)}`, limitMs: inPlaceMs }, signal);
      if (!isAlone) await this.#make(rollout);
      await this.#joined(node);
    } catch (error) {
      await this.#draining.open(node);
      if (!isAlone && !signal.aborted) await this.#make(rollout).catch((again: unknown) => tell(context, 'warning', `${of} could not be put behind the load balancers again: ${again instanceof Error ? again.message : String(again)}`));
      throw withWayOut(error);
    }
    await this.#openNew();
    tell(context, 'info', `${of} was upgraded in place to Kubernetes ${this.#release}.`);
  }

  /** The number of a control plane that an operation which died has sent on its way in place: it may be at it, and load balancers are not to send to it meanwhile. */
  #underWay(next: OldMachine | undefined): number | undefined {
    return next?.node.removing === true && !this.#isAlone() ? numberOf(next.machine) : undefined;
  }

  /** Whether there is nobody else to send to. */
  #isAlone(): boolean {
    return this.#machines().length === 1;
  }

  /** Lets pods on nodes again that are new: those of an upgrade in place, which keep the mark where an operation died before it took it away. */
  async #openNew(): Promise<void> {
    const isNew = await this.criterion.look();
    const nodes = await awaitedNodes(this.context, this.signal);
    for (const { id } of this.#own()) {
      const node = nodes.find((candidate) => isOn(candidate, id));
      if (node?.removing === true && isNew(node)) await awaitedLook(this.context, this.signal, (client) => uncordon(client, node.name));
    }
  }

  /** The nodes' own kubeadm knows which DNS goes with it. */
  async #renewDns(): Promise<void> {
    const [first] = this.#machines();
    const node = first && (await awaitedNodes(this.context, this.signal)).find((candidate) => isOn(candidate, first.id));
    if (node !== undefined) await ordered(this.context, node.name, { task: 'cluster-dns', step: 'dns', limitMs: memberMs }, this.signal);
  }

  /** The machine that is one more than the spec has: its member first, then all of it. From here on all control planes are new, which the state has to say. */
  async #letSurgeGo(): Promise<void> {
    const rollout = filled(this.context.rollout, 'the rollout');
    const { surge, inPlace, ...made } = rollout;
    if (!surge && inPlace !== true) return;
    const { replicas } = this.context.spec.controlPlane;
    const surplus = this.#machines().find((machine) => numberOf(machine) === replicas + 1);
    const node = surplus && (await awaitedNodes(this.context, this.signal)).find((candidate) => isOn(candidate, surplus.id));
    if (surplus !== undefined && node !== undefined) {
      await this.#empty(`Control plane ${surplus.name}`, node);
      await this.#make(rollout, replicas + 1);
      await this.#leaveEtcd(surplus, node);
    }
    await this.#make({ ...made, surge: false });
    if (node !== undefined) await lookAtCluster(this.context, (client) => forgetNode(client, node.name));
  }

  async #empty(of: string, node: DrainableNode, why?: string): Promise<void> {
    try {
      await this.#draining.close(of, node);
      await this.#draining.drain(of, node, why);
    } catch (error) {
      await this.#draining.open(node);
      throw error;
    }
  }

  /** Another control plane sees to it that leadership has moved away, and takes the member out. */
  async #leaveEtcd(machine: ControlPlaneOutput, node: DrainableNode): Promise<void> {
    const other = staying(this.#machines(), await awaitedNodes(this.context, this.signal), machine, await this.criterion.look());
    if (other === undefined) throw new ClusterwrightError('order-unanswered', `No control plane but ${node.name} is Ready to take its member out of etcd.`, { resource: node.name });
    await ordered(this.context, other.name, { task: 'etcd-member-remove', arguments: [node.name], step: `leave-${numberOf(machine)}`, limitMs: memberMs }, this.signal);
  }

  /** Brings the infrastructure to a rollout, and remembers it as the state does. */
  async #make(rollout: Rollout, leaving?: number): Promise<void> {
    const { context, signal } = this;
    context.rollout = rollout;
    await bringUp(context, signal, { leaving });
  }

  /** Waits until every machine has joined, and those that are new are Ready. @param upgraded a node that has to be new by then */
  async #joined(upgraded?: DrainableNode): Promise<void> {
    const isNew = await this.criterion.look();
    const watch = filled(this.context.nodeWatch, 'the watch over the nodes');
    let missing: string[] = ['the API server does not answer'];
    await pollWithin(joinMs, this.signal, async () => {
      const [, nodes] = await Promise.all([watch.look(), lookAtCluster(this.context, drainableNodes)]);
      if (nodes === undefined) return undefined;
      missing = this.#machines().flatMap(({ name, id }) => {
        const node = nodes.find((candidate) => isOn(candidate, id));
        if (node === undefined || node.release === '') return [`${name} has not joined`];
        if (node.name === upgraded?.name && !isNew(node)) return [`${name} has not come back in Kubernetes ${this.#release}`];
        return isNew(node) && !node.ready ? [`${name} is not Ready`] : [];
      });
      return missing.length === 0 ? true : undefined;
    }, () => new ClusterwrightError('nodes-timeout', `After ${joinMs / 60_000} minutes: ${missing.join(', ')}.`));
  }

  /** Those that the spec has. */
  #own(): readonly ControlPlaneOutput[] {
    return this.#machines().slice(0, this.context.spec.controlPlane.replicas);
  }

  #machines(): readonly ControlPlaneOutput[] {
    return filled(this.context.outputs, 'the infrastructure\'s outputs').controlPlane;
  }
}

/** What to do about a control plane that does not know how. */
function withWayOut(error: unknown): unknown {
  if (!isClusterwrightError(error) || error.code !== 'order-failed' || !error.message.includes(unknownOrder)) return error;
  return new ClusterwrightError('order-failed', `${error.message}. Its machine is of a version of the service that did not upgrade in place.`, { resource: error.resource, hint: replaceInstead, cause: error });
}
