import type { AzureAccount } from '../../../model/accounts.js';
import { azureBackupContainerUrl } from '../../../model/clouds/azure.js';
import type { NodeStep } from '../../../model/rendezvous.js';
import type { ClusterSpec } from '../../../model/spec.js';
import type { Cloud, ClusterPlace, ClusterScope, ControlPlaneMachine, ForeignRule, FoundResource, HeldResource, MachineImages, Offers, Permissions, PoolGroup, PoolMachine, PoolSize, Power, PublishedSecrets, Removal, ResourceFinder, Search } from '../cloud.js';
import { AzureConnection } from './connection.js';
import { FreshGrants } from './fresh-grants.js';
import { Rendezvous } from '../rendezvous.js';

/** Azure as the worker talks to it. What a call needs is loaded with its first use. */
export class AzureCloud extends Rendezvous implements Cloud {
  readonly #connection: AzureConnection;
  readonly #grants = new FreshGrants();

  constructor(private readonly cluster: ClusterPlace, private readonly account: AzureAccount) {
    const connection = AzureConnection.of(account);
    super(async () => {
      const { ContainerStore } = await import('./private-store.js');
      return new ContainerStore(connection, azureBackupContainerUrl(cluster));
    });
    this.#connection = connection;
  }

  async checkIdentity(): Promise<void> {
    const { checkIdentity } = await import('./identity.js');
    await checkIdentity(this.#connection, this.account);
  }

  async checkQuotas(spec: ClusterSpec): Promise<void> {
    const { checkQuotas } = await import('./quotas.js');
    await checkQuotas(this.#connection, this.account.subscriptionId, spec);
  }

  async offers(machineTypes: readonly string[]): Promise<Offers> {
    const { offers } = await import('./offers.js');
    return offers(this.#connection, this.account.subscriptionId, this.cluster.region, machineTypes);
  }

  async images(): Promise<MachineImages> {
    const { readImages } = await import('./images.js');
    return readImages(this.#connection, this.account.subscriptionId, this.cluster);
  }

  async imageDates(images: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const { imageDates } = await import('./images.js');
    return imageDates(images);
  }

  async permissions(): Promise<Permissions> {
    const { permissions } = await import('./permissions.js');
    return permissions(this.#connection, this.account.subscriptionId);
  }

  async reachFault(): Promise<string | undefined> {
    const { reachFault } = await import('./reach.js');
    return reachFault(this.#connection, this.account.reach);
  }

  async secrets(): Promise<PublishedSecrets> {
    const { publishedSecrets } = await import('./secrets.js');
    return publishedSecrets(this.#connection, this.#grants, this.cluster);
  }

  /** None as long as the worker's right to read them takes hold. */
  override nodeSteps(): Promise<NodeStep[]> {
    return this.#grants.awaited([], () => super.nodeSteps());
  }

  /**
   * Nothing is left to forget: the secrets lie in vaults, which go with the stack. The one that is kept with the backups lets nobody in but the control planes of
   * a cluster that is restored, and so not the worker either.
   */
  forgetSecrets(): Promise<number> {
    return Promise.resolve(0);
  }

  async madeByKubernetes(scope: ClusterScope): Promise<readonly FoundResource[]> {
    const { findMade } = await import('./drain.js');
    return findMade(this.#connection, this.account.subscriptionId, scope);
  }

  async removeMadeByKubernetes(scope: ClusterScope): Promise<Removal> {
    const { removeMade } = await import('./drain.js');
    return removeMade(this.#connection, this.account.subscriptionId, scope);
  }

  async findRemains(scope: ClusterScope, before: readonly HeldResource[]): Promise<Search> {
    const { findRemains } = await import('./remains.js');
    return findRemains(this.#connection, this.account, scope, before);
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
    return readPools(this.#connection, this.account.subscriptionId, this.cluster);
  }

  async controlPlanes(): Promise<readonly ControlPlaneMachine[]> {
    const { readControlPlanes } = await import('./machines.js');
    return readControlPlanes(this.#connection, this.account.subscriptionId, this.cluster);
  }

  async endMachine(group: PoolGroup, machine: PoolMachine): Promise<void> {
    const { endMachine } = await import('./pools.js');
    await endMachine(this.#connection, group, machine);
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
    const { AzureFinder } = await import('./finding/finder.js');
    return new AzureFinder(this.#connection, this.account.subscriptionId);
  }
}
