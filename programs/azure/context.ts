import * as pulumi from '@pulumi/pulumi';
import { ResourceGroup } from '@pulumi/azure-native/resources/resourceGroup.js';
import type { AzureAccount } from '../../model/accounts.js';
import { azureZones } from '../../model/clouds/azure.js';
import { clusterTags, physicalName } from '../../model/names.js';
import type { Cluster } from '../cluster.js';
import type { InfrastructureInput } from '../provider.js';

/** A zone as nodes are labelled with it, and by the number that resources ask for. */
export interface Zone {
  readonly name: string;
  readonly number: string;
}

/** What every part of the program is given: the input, and how its resources are named, tagged and placed. */
export interface Context extends InfrastructureInput<AzureAccount> {
  /** The three zones of the region. */
  readonly zones: readonly Zone[];
  /** Physical name of a part, within `limit` characters. */
  readonly physical: (part: string, limit?: number) => string;
  /** Tags of a part: the cluster's tags and `extra`. */
  readonly tags: (part: string, extra?: Record<string, string>) => Record<string, string>;
  /** Id of something in the cluster's resource group, e.g. of `Microsoft.KeyVault/vaults`. Names are deterministic, so it is known before the thing exists. */
  readonly id: (type: string, name: string) => string;
  /** Id of the resource group. */
  readonly groupId: string;
  /** Name of the resource group, known once it exists. */
  readonly group: pulumi.Output<string>;
  /** Where a resource of the cluster lies: in its resource group and region. */
  readonly place: { readonly resourceGroupName: pulumi.Output<string>; readonly location: string };
  /** Options of every resource: a child of the cluster, made by its provider. */
  readonly options: { readonly parent: Cluster; readonly provider: pulumi.ProviderResource };
  /** Options of what a deletion keeps when backups are retained. */
  readonly kept: { readonly parent: Cluster; readonly provider: pulumi.ProviderResource; readonly retainOnDelete: boolean };
}

/**
 * The context of a cluster's parts, with the resource group that all of them lie in. Its deletion takes along what is left in it, so it is kept with the
 * backups.
 */
export function contextOf(input: InfrastructureInput<AzureAccount>, cluster: Cluster, provider: pulumi.ProviderResource): Context {
  const { spec: { name, region }, uid, installation, account } = input;
  const identity = { name, uid, installation };
  const physical = (part: string, limit?: number): string => physicalName(identity, part, limit);
  const tags = (part: string, extra: Record<string, string> = {}): Record<string, string> => ({ ...clusterTags(identity, part), ...extra });
  const options = { parent: cluster, provider };
  const kept = { ...options, retainOnDelete: input.retainBackups };

  const group = new ResourceGroup('group', { resourceGroupName: physical('group'), location: region, tags: tags('group') }, kept).name;
  const groupId = `/subscriptions/${account.subscriptionId}/resourceGroups/${physical('group')}`;
  return {
    ...input,
    zones: azureZones(region).map((zone) => ({ name: zone, number: zone.slice(region.length + 1) })),
    physical,
    tags,
    id: (type, part) => `${groupId}/providers/${type}/${part}`,
    groupId,
    group,
    place: { resourceGroupName: group, location: region },
    options,
    kept,
  };
}

/** The value of an output, known once all of `resources` exist: whoever uses it waits for them. */
export function onceMade<T>(value: pulumi.Output<T>, resources: readonly pulumi.CustomResource[]): pulumi.Output<T> {
  return pulumi.all(resources.map(({ id }) => id)).apply(() => value);
}
