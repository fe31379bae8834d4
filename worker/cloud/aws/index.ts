import type { AwsAccount } from '../../../model/accounts.js';
import { physicalName } from '../../../model/names.js';
import type { SecretPath } from '../../../model/rendezvous.js';
import type { ClusterSpec } from '../../../model/spec.js';
import type { Cloud, ClusterPlace, ClusterScope, ControlPlaneMachine, ForeignRule, FoundResource, HeldResource, MachineImages, Offers, Permissions, PoolGroup, PoolMachine, PoolSize, Power, PublishedSecrets, Removal, ResourceFinder, Search } from '../cloud.js';
import { AwsConnection } from './connection.js';
import { Rendezvous } from '../rendezvous.js';
import type { ParameterStore } from './secrets.js';

/** AWS as the worker talks to it. Each service's client is loaded with its first use: together they take a third of a second. */
export class AwsCloud extends Rendezvous implements Cloud {
  readonly #connection: AwsConnection;
  #parameters: Promise<ParameterStore> | undefined;

  constructor(private readonly cluster: ClusterPlace, private readonly account: AwsAccount) {
    const connection = AwsConnection.of(cluster.region, account);
    super(async () => {
      const { BucketStore } = await import('./private-store.js');
      return new BucketStore(connection, physicalName(cluster, 'backups'));
    });
    this.#connection = connection;
  }

  async checkIdentity(): Promise<void> {
    const { checkIdentity } = await import('./identity.js');
    await checkIdentity(this.#connection, this.account.accountId);
  }

  async checkQuotas(spec: ClusterSpec): Promise<void> {
    const { checkQuotas } = await import('./quotas.js');
    await checkQuotas(this.#connection, spec);
  }

  async offers(machineTypes: readonly string[]): Promise<Offers> {
    const { offers } = await import('./offers.js');
    return offers(this.#connection, machineTypes);
  }

  async images(): Promise<MachineImages> {
    const { readImages } = await import('./images.js');
    return readImages(this.#connection, this.cluster.uid);
  }

  async imageDates(images: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const { imageDates } = await import('./images.js');
    return imageDates(this.#connection, images);
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

  async controlPlanes(): Promise<readonly ControlPlaneMachine[]> {
    const { readControlPlanes } = await import('./machines.js');
    return readControlPlanes(this.#connection, this.cluster.uid);
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

  async powerOf(machines: readonly string[]): Promise<ReadonlyMap<string, Power>> {
    const { powerOf } = await import('./machines.js');
    return powerOf(this.#connection, machines);
  }

  async switchMachines(machines: readonly string[], to: 'on' | 'off'): Promise<void> {
    const { switchMachines } = await import('./machines.js');
    await switchMachines(this.#connection, machines, to);
  }

  async finder(): Promise<ResourceFinder> {
    const { AwsFinder } = await import('./finding/finder.js');
    return new AwsFinder(this.#connection, this.cluster.uid);
  }

  #parameterStore(): Promise<ParameterStore> {
    return (this.#parameters ??= import('./secrets.js').then(({ ParameterStore: Parameters }) => new Parameters(this.#connection)));
  }
}
