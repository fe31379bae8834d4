import type { Item, ItemRef } from '../../inventory/item.js';
import type { Cloud } from '../cloud.js';
import { lookUp } from '../cloud.js';
import { AwsError } from '../errors.js';
import { select, text } from '../../provider/properties.js';
import type { Reference, Request } from '../resource-type.js';
import * as tokens from './tokens.js';

/** How AWS refuses an id that does not exist, by the type that was meant. */
const refusals: Readonly<Record<string, readonly [code: string, words: string]>> = {
  [tokens.vpc]: ['InvalidVpcID.NotFound', 'The vpc ID'],
  [tokens.subnet]: ['InvalidSubnetID.NotFound', 'The subnet ID'],
  [tokens.networkInterface]: ['InvalidNetworkInterfaceID.NotFound', 'The networkInterface ID'],
  [tokens.internetGateway]: ['InvalidInternetGatewayID.NotFound', 'The internetGateway ID'],
  [tokens.eip]: ['InvalidAllocationID.NotFound', 'The allocation ID'],
  [tokens.natGateway]: ['NatGatewayNotFound', 'The Nat Gateway'],
  [tokens.routeTable]: ['InvalidRouteTableID.NotFound', 'The routeTable ID'],
  [tokens.vpcEndpoint]: ['InvalidVpcEndpointId.NotFound', 'The Vpc Endpoint Id'],
  [tokens.securityGroup]: ['InvalidGroup.NotFound', 'The security group'],
  [tokens.peering]: ['InvalidVpcPeeringConnectionID.NotFound', 'The vpcPeeringConnection ID'],
  [tokens.instance]: ['InvalidInstanceID.NotFound', 'The instance ID'],
  [tokens.volume]: ['InvalidVolume.NotFound', 'The volume'],
  [tokens.launchTemplate]: ['InvalidLaunchTemplateId.NotFound', 'The specified launch template, with template ID'],
  [tokens.role]: ['NoSuchEntity', 'The role with name'],
  [tokens.policy]: ['NoSuchEntity', 'Policy'],
  [tokens.instanceProfile]: ['InvalidParameterValue', 'Invalid IAM Instance Profile name'],
  [tokens.key]: ['NotFoundException', 'Key'],
  [tokens.bucket]: ['NoSuchBucket', 'The specified bucket'],
  [tokens.zone]: ['NoSuchHostedZone', 'No hosted zone found with ID'],
  [tokens.loadBalancer]: ['LoadBalancerNotFound', 'Load balancer'],
  [tokens.targetGroup]: ['TargetGroupNotFound', 'Target group'],
  [tokens.autoScalingGroup]: ['ValidationError', 'AutoScalingGroup name'],
};

/** A property must name an existing resource of this type. */
export function refers(property: string, type: string): Reference {
  const [code, words] = refusals[type] ?? ['ResourceNotFoundException', type];
  return { property, type, missing: (value) => new AwsError(code, `${words} '${value}' does not exist`) };
}

/** The parent named by a property. */
export function parentBy(property: string, type: string): (request: Request) => ItemRef | undefined {
  return ({ cloud, inputs }) => {
    const value = text(inputs, property);
    const found = value === undefined ? undefined : lookUp(cloud, type, value);
    return found === undefined ? undefined : { type: found.type, id: found.id };
  };
}

/** The item that a required reference names; entries list the property under `references`, so it exists. */
export function referred(request: Request, property: string, type: string): Item {
  const value = text(request.inputs, property) ?? '';
  const found = lookUp(request.cloud, type, value);
  if (found === undefined) throw refers(property, type).missing(value);
  return found;
}

/** Items of a type that name this one (by id or ARN) at a path of their outputs. */
export function usersOf(item: Item, cloud: Cloud, type: string, path: string): Item[] {
  const names = new Set([item.id, text(item.outputs, 'arn')]);
  return cloud.inventory
    .ofType(type)
    .filter((other) => other !== item && select(other.outputs, path).some(({ value }) => typeof value === 'string' && names.has(value)));
}

/** The first user among several kinds, for a refusal to delete. */
export function firstUser(item: Item, cloud: Cloud, uses: readonly (readonly [type: string, path: string])[]): Item | undefined {
  for (const [type, path] of uses) {
    const [user] = usersOf(item, cloud, type, path);
    if (user !== undefined) return user;
  }
  return undefined;
}

/** EC2's refusal to delete what is still needed. The dependent is named, where AWS often leaves that to the reader. */
export function dependencyViolation(what: string, item: Item, user: Item): AwsError {
  return new AwsError('DependencyViolation', `The ${what} '${item.id}' has dependencies and cannot be deleted (${user.id}).`);
}
