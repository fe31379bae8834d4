import type { AwsAccount } from '../../../model/accounts.js';
import { physicalName } from '../../../model/names.js';
import type { NodeExpiries } from '../../../model/expiry.js';
import type { NodeOrder, OrderAnswer } from '../../../model/orders.js';
import type { Backup } from '../../../model/report.js';
import type { NodeStep, SecretPath } from '../../../model/rendezvous.js';
import type { ClusterSpec } from '../../../model/spec.js';
import type { Cloud, ClusterPlace, ClusterScope, ForeignRule, FoundResource, HeldResource, Permissions, PoolGroup, PoolMachine, PoolSize, PublishedSecrets, Removal, ResourceFinder, Search } from '../cloud.js';
import { AwsConnection } from './connection.js';
import { etcdSnapshots, giveOrder, nodeExpiries, orderAnswer, orderOf, type PrivateStore } from '../private-store.js';
import type { NodeStepReader } from './node-steps.js';
import type { ParameterStore } from './secrets.js';

/** AWS as the worker talks to it. Each service's client is loaded with its first use: together they take a third of a second. */
export class AwsCloud implements Cloud {
  readonly #connection: AwsConnection;
  #parameters: Promise<ParameterStore> | undefined;
  #steps: Promise<NodeStepReader> | undefined;

  constructor(private readonly cluster: ClusterPlace, private readonly account: AwsAccount) {
    this.#connection = AwsConnection.of(cluster.region, account);
  }

  async checkIdentity(): Promise<void> {
    const { checkIdentity } = await import('./identity.js');
    await checkIdentity(this.#connection, this.account.accountId);
  }

  async checkQuotas(spec: ClusterSpec): Promise<void> {
    const { checkQuotas } = await import('./quotas.js');
    await checkQuotas(this.#connection, spec);
  }

  async permissions(): Promise<Permissions> {
    const { permissions } = await import('./permissions.js');
    return permissions(this.#connection, this.account);
  }

  async reachFault(): Promise<string | undefined> {
    const { reachFault } = await import('./reach.js');
    return reachFault(this.#connection, this.account.reach);
  }

  async secrets(): Promise<PublishedSecrets> {
    return (await this.#parameterStore()).published(this.cluster.uid);
  }

  async nodeSteps(bucket: string): Promise<NodeStep[]> {
    this.#steps ??= import('./node-steps.js').then(({ NodeStepReader: Reader }) => new Reader(this.#connection));
    return (await this.#steps).steps(bucket);
  }

  async giveOrder(node: string, order: NodeOrder): Promise<void> {
    await giveOrder(await this.#privateStore(), node, order);
  }

  async orderOf(node: string): Promise<NodeOrder | undefined> {
    return orderOf(await this.#privateStore(), node);
  }

  async orderAnswer(node: string): Promise<OrderAnswer | undefined> {
    return orderAnswer(await this.#privateStore(), node);
  }

  async etcdSnapshots(): Promise<readonly Backup[]> {
    return etcdSnapshots(await this.#privateStore());
  }

  async expiries(): Promise<readonly NodeExpiries[]> {
    return nodeExpiries(await this.#privateStore());
  }

  async forgetSecrets(keep: readonly SecretPath[]): Promise<number> {
    return (await this.#parameterStore()).forget(this.cluster.uid, keep);
  }

  async madeByKubernetes(scope: ClusterScope): Promise<readonly FoundResource[]> {
    const { findMade } = await import('./drain/index.js');
    return findMade(this.#connection, this.account.accountId, scope);
  }

  async removeMadeByKubernetes(scope: ClusterScope): Promise<Removal> {
    const { removeMade } = await import('./drain/index.js');
    return removeMade(this.#connection, this.account.accountId, scope);
  }

  async findRemains(scope: ClusterScope, before: readonly HeldResource[]): Promise<Search> {
    const { findRemains } = await import('./remains.js');
    return findRemains(this.#connection, scope, before, { accountId: this.account.accountId, parameters: await this.#parameterStore() });
  }

  async foreignRules(scope: ClusterScope, held: readonly HeldResource[]): Promise<readonly ForeignRule[]> {
    const { foreignRules } = await import('./foreign-rules.js');
    return foreignRules(this.#connection, scope, held);
  }

  async removeRule(rule: ForeignRule): Promise<void> {
    const { removeRule } = await import('./foreign-rules.js');
    await removeRule(this.#connection, rule);
  }

  async pools(): Promise<readonly PoolGroup[]> {
    const { readPools } = await import('./pools.js');
    return readPools(this.#connection, this.cluster.uid);
  }

  async endMachine(group: PoolGroup, machine: PoolMachine): Promise<void> {
    const { endMachine } = await import('./pools.js');
    await endMachine(this.#connection, this.cluster.uid, group, machine);
  }

  async raisePool(group: PoolGroup, minNodes: number): Promise<void> {
    const { raisePool } = await import('./pools.js');
    await raisePool(this.#connection, group, minNodes);
  }

  async resizePool(group: PoolGroup, size: PoolSize): Promise<void> {
    const { resizePool } = await import('./pools.js');
    await resizePool(this.#connection, group, size);
  }

  async finder(): Promise<ResourceFinder> {
    const { AwsFinder } = await import('./finding/finder.js');
    return new AwsFinder(this.#connection, this.cluster.uid);
  }

  async #privateStore(): Promise<PrivateStore> {
    const { BucketStore } = await import('./private-store.js');
    return new BucketStore(this.#connection, physicalName(this.cluster, 'backups'));
  }

  #parameterStore(): Promise<ParameterStore> {
    return (this.#parameters ??= import('./secrets.js').then(({ ParameterStore: Parameters }) => new Parameters(this.#connection)));
  }
}
