import { ClusterwrightError } from '../../../model/errors.js';
import { kubernetesReleases, type NodePool } from '../../../model/spec.js';
import { drainableNodes, forgetSurge, uncordon, type DrainableNode } from '../../kubernetes/node-drain.js';
import { askUpgrade, forgetUpgrade, nodeUpgrade } from '../../kubernetes/node-upgrade.js';
import type { OperationContext } from '../context.js';
import { Draining } from '../draining.js';
import { lookAtCluster } from '../kubernetes.js';
import { tell } from '../kubernetes-made.js';
import { pollWithin } from '../poll.js';
import { ofRelease, type Criterion } from './criterion.js';
import { replaceInstead } from './in-place.js';
import { missingMachines, oldMachines } from './machines.js';
import { awaitedLook, awaitedNodes, joinMs } from './nodes.js';
import { poolGroup } from './pool-group.js';

/** Workers look every half a minute whether they are told something, in milliseconds. */
const beginMs = 5 * 60_000;
/** How long a worker may take from there, in milliseconds: it fetches packages. */
const upgradeMs = 60 * 60_000;

/**
 * Upgrades the machines of every pool where they are: one at a time its node is drained, and told by an annotation which release to go to. What is to be done follows from the nodes: whoever comes after a crash goes on
 * with a worker that is on its way, and lets pods on one again that has come to its end.
 */
export class PoolsInPlace {
  readonly #release: string;
  readonly #draining: Draining;
  readonly #criterion: Criterion;

  /** @param limits how long a worker may take until it says that it begins, and from there, in milliseconds */
  constructor(private readonly context: OperationContext, private readonly signal: AbortSignal, private readonly limits = { beginMs, upgradeMs }) {
    this.#release = kubernetesReleases[context.spec.kubernetesVersion];
    this.#draining = new Draining(context, signal);
    this.#criterion = ofRelease(context);
  }

  /** Does all of it, pool by pool. Throws `node-not-drained`, `node-failed` and `nodes-timeout`. */
  async run(): Promise<void> {
    for (const pool of this.context.spec.nodePools) {
      do {
        await this.#upgradeOld(pool);
      } while (!(await this.#isWhole(pool)));
    }
  }

  /** Lets pods on workers again that have come to the end of an upgrade, and forgets what they were told. */
  async settle(): Promise<void> {
    for (const node of await awaitedNodes(this.context, this.signal)) if (node.upgradingTo !== undefined && node.upgradingTo === node.release) await this.#done(node);
  }

  async #upgradeOld({ name }: NodePool): Promise<void> {
    const of = `Pool ${name}`;
    for (;;) {
      await this.settle();
      const [group, nodes, isNew] = [await poolGroup(this.context, name), await awaitedNodes(this.context, this.signal), await this.#criterion.look()];
      const old = oldMachines(group, nodes, isNew).map(({ node }) => node);
      // One that is not Ready may not do what it is told, which ends the upgrade: it comes last.
      const next = old.find(({ ready }) => ready) ?? old[0];
      if (next === undefined) return;
      tell(this.context, 'info', `${of}: ${old.length} of ${group.machines.length} machines ${old.length === 1 ? 'is' : 'are'} not ${this.#criterion.told}.`);
      await this.#upgrade(of, next);
      tell(this.context, 'info', `${of}: ${next.name} was upgraded in place to Kubernetes ${this.#release}.`);
    }
  }

  /** Waits until the pool's machines have joined, and those that are new are Ready. Whether all of them are new: one may have been launched before the pool was told to launch new ones. */
  async #isWhole({ name }: NodePool): Promise<boolean> {
    const isNew = await this.#criterion.look();
    let missing: string[] = ['the API server does not answer'];
    return pollWithin(joinMs, this.signal, async () => {
      const [group, nodes] = [await poolGroup(this.context, name), await lookAtCluster(this.context, drainableNodes)];
      if (nodes === undefined) return undefined;
      missing = missingMachines(group, nodes, { isNew, count: 0 });
      return missing.length === 0 ? oldMachines(group, nodes, isNew).length === 0 : undefined;
    }, () => new ClusterwrightError('nodes-timeout', `After ${joinMs / 60_000} minutes: ${missing.join(', ')}.`));
  }

  async #upgrade(of: string, node: DrainableNode): Promise<void> {
    try {
      await this.#draining.close(of, node);
      await this.#draining.drain(of, node, 'before it is upgraded in place');
      await awaitedLook(this.context, this.signal, (client) => askUpgrade(client, node.name, this.#release));
      await this.#followed(of, node);
    } catch (error) {
      await lookAtCluster(this.context, (client) => forgetUpgrade(client, node.name));
      await this.#draining.open(node);
      throw error;
    }
    await this.#done(node);
  }

  /** Waits until the node is Ready in the release. */
  async #followed(of: string, { name }: DrainableNode): Promise<void> {
    const failed = (why: string, hint?: string): ClusterwrightError => new ClusterwrightError('node-failed', `${of}: ${name} ${why} It has its machine, and takes pods again.`, { resource: name, hint });
    let askedAt = Date.now();
    await pollWithin(this.limits.upgradeMs, this.signal, async () => {
      const now = await lookAtCluster(this.context, (client) => nodeUpgrade(client, name));
      if (now === undefined) {
        // While nobody answers it cannot say that it begins either.
        askedAt = Date.now();
        return undefined;
      }
      if (now.failed !== undefined) throw failed(`could not be upgraded in place: ${now.failed}`);
      if (now.release === this.#release) return now.ready ? true : undefined;
      if (!now.begun && Date.now() - askedAt > this.limits.beginMs) {
        throw failed(`has not begun to upgrade itself within ${Math.ceil(this.limits.beginMs / 60_000)} minutes: its unit clusterwright-upgrades.service does not run, or its machine is of a version of the service that did not upgrade in place.`, replaceInstead);
      }
      return undefined;
    }, () => failed(`was not Ready in Kubernetes ${this.#release} after ${Math.ceil(this.limits.upgradeMs / 60_000)} minutes.`, 'See its journal: journalctl --unit clusterwright-upgrades.service. Then send the upgrade again.'));
  }

  async #done({ name, surgeTo }: DrainableNode): Promise<void> {
    await awaitedLook(this.context, this.signal, async (client) => {
      await forgetUpgrade(client, name);
      // It has begun to be replaced once, and stays.
      if (surgeTo !== undefined) await forgetSurge(client, name);
      return uncordon(client, name);
    });
  }
}
