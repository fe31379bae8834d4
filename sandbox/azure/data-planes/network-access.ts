import type { Item } from '../../inventory/item.js';
import { Cidr } from '../../provider/cidr.js';
import { object, objects, select, text } from '../../provider/properties.js';
import { workerAddress, type Cloud } from '../cloud.js';
import { sameId } from '../types/references.js';
import * as tokens from '../types/tokens.js';

/** Why a firewall keeps a caller out. */
export type ShutOut = 'ForbiddenByConnection' | 'ForbiddenByFirewall';

/** What vaults and storage accounts say about who may come, in one form. */
interface Doors {
  readonly publicAccess: boolean;
  readonly denies: boolean;
  readonly ranges: readonly string[];
  readonly subnets: readonly string[];
}

/**
 * Whether a caller gets to a vault or a storage account over the network; else why not. The service comes from the worker's public address, a machine from its
 * subnet: through a private endpoint in its network, or where the firewall names the subnet.
 * @param subnets ids of the machine's subnets; undefined for the service
 */
export function shutOut(cloud: Cloud, target: Item, subnets: readonly string[] | undefined): ShutOut | undefined {
  const doors = doorsOf(target);
  if (subnets?.some((subnet) => hasPrivateEndpoint(cloud, target, subnet)) === true) return undefined;
  if (!doors.publicAccess) return 'ForbiddenByConnection';
  if (!doors.denies) return undefined;
  const named = subnets === undefined ? doors.ranges.some((range) => holdsAddress(range, workerAddress)) : subnets.some((subnet) => doors.subnets.some((allowed) => sameId(allowed, subnet)));
  return named ? undefined : 'ForbiddenByFirewall';
}

function doorsOf({ type, outputs }: Item): Doors {
  const settings = type === tokens.vault ? object(outputs, 'properties') : outputs;
  const rules = object(settings, type === tokens.vault ? 'networkAcls' : 'networkRuleSet');
  return {
    publicAccess: text(settings, 'publicNetworkAccess')?.toLowerCase() !== 'disabled',
    denies: text(rules, 'defaultAction') === 'Deny',
    ranges: objects(rules, 'ipRules').flatMap((rule) => text(rule, 'value') ?? text(rule, 'iPAddressOrRange') ?? []),
    subnets: objects(rules, 'virtualNetworkRules').flatMap((rule) => text(rule, 'id') ?? text(rule, 'virtualNetworkResourceId') ?? []),
  };
}

function holdsAddress(range: string, address: string): boolean {
  const single = Cidr.parse(`${address}/32`);
  return single !== undefined && Cidr.parse(range.includes('/') ? range : `${range}/32`)?.contains(single) === true;
}

/** A private endpoint serves the whole network that it stands in. */
function hasPrivateEndpoint(cloud: Cloud, target: Item, subnet: string): boolean {
  const network = networkOf(subnet);
  return cloud.inventory.ofType(tokens.privateEndpoint).some(({ outputs }) =>
    select(outputs, 'privateLinkServiceConnections[].privateLinkServiceId').some(({ value }) => typeof value === 'string' && sameId(value, target.id)) && sameId(networkOf(text(object(outputs, 'subnet'), 'id') ?? ''), network));
}

function networkOf(subnetId: string): string {
  return subnetId.slice(0, subnetId.toLowerCase().lastIndexOf('/subnets/'));
}
