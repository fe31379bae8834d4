import type * as pulumi from '@pulumi/pulumi';
import type { AwsAccount } from '../../model/accounts.js';
import { awsZones } from '../../model/clouds/aws.js';
import { clusterTags, kubernetesOwnershipTag, physicalName } from '../../model/names.js';
import type { Cluster } from '../cluster.js';
import type { InfrastructureInput } from '../provider.js';

/** A zone by its full name and by its letter, which resources are named after. */
export interface Zone {
  readonly name: string;
  readonly letter: string;
}

/** What every part of the program is given: the input, and how its resources are named, tagged and placed. */
export interface Context extends InfrastructureInput<AwsAccount> {
  /** The three zones of the region. */
  readonly zones: readonly Zone[];
  /** Physical name of a part, within `limit` characters. */
  readonly physical: (part: string, limit?: number) => string;
  /** Tags of a part: its name, the cluster's tags and `extra`. */
  readonly tags: (part: string, extra?: Record<string, string>) => Record<string, string>;
  /** ARN of something of this account in this region. */
  readonly arn: (service: string, resource: string) => string;
  /** Options of every resource: a child of the cluster, made by its provider. */
  readonly options: { readonly parent: Cluster; readonly provider: pulumi.ProviderResource };
  /** Options of what a deletion keeps when backups are retained. */
  readonly kept: { readonly parent: Cluster; readonly provider: pulumi.ProviderResource; readonly retainOnDelete: boolean };
}

/** The context of a cluster's parts. */
export function contextOf(input: InfrastructureInput<AwsAccount>, cluster: Cluster, provider: pulumi.ProviderResource): Context {
  const identity = { name: input.spec.name, uid: input.uid, installation: input.installation };
  const physical = (part: string, limit?: number): string => physicalName(identity, part, limit);
  const options = { parent: cluster, provider };
  return {
    ...input,
    zones: awsZones(input.spec.region).map((name) => ({ name, letter: name.slice(input.spec.region.length) })),
    physical,
    tags: (part, extra = {}) => ({ Name: physical(part), ...clusterTags(identity, part), ...extra }),
    arn: (service, resource) => `arn:aws:${service}:${input.spec.region}:${input.account.accountId}:${resource}`,
    options,
    kept: { ...options, retainOnDelete: input.retainBackups },
  };
}

/** The tag by which the cloud controller and the storage driver tell what is theirs. */
export function ownershipTag(cluster: string): Record<string, string> {
  return { [kubernetesOwnershipTag(cluster)]: 'owned' };
}
