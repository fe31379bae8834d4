import type { ResourceType } from '../resource-type.js';
import * as autoScaling from './auto-scaling.js';
import { bucketObject } from './bucket-objects.js';
import { classicLoadBalancer } from './classic-load-balancing.js';
import * as compute from './compute.js';
import * as dns from './dns.js';
import * as identity from './identity.js';
import * as loadBalancing from './load-balancing.js';
import * as network from './network.js';
import { networkInterface } from './network-interfaces.js';
import * as routing from './routing.js';
import { defaultSecurityGroup, egressRule, ingressRule, securityGroup } from './security-groups.js';
import * as storage from './storage.js';
import { subnetCidrReservation } from './subnet-reservations.js';

/** Every type that the sandbox imitates. */
export const resourceTypes: readonly ResourceType[] = [
  network.vpc,
  network.subnet,
  subnetCidrReservation,
  networkInterface,
  network.internetGateway,
  network.eip,
  network.natGateway,
  routing.routeTable,
  routing.route,
  routing.routeTableAssociation,
  routing.vpcEndpoint,
  routing.flowLog,
  routing.peering,
  routing.peeringAccepter,
  securityGroup,
  defaultSecurityGroup,
  ingressRule,
  egressRule,
  compute.instance,
  compute.volume,
  compute.volumeAttachment,
  compute.launchTemplate,
  identity.role,
  identity.rolePolicy,
  identity.rolePolicyAttachment,
  identity.policy,
  identity.instanceProfile,
  identity.openIdConnectProvider,
  identity.key,
  identity.alias,
  storage.bucket,
  storage.bucketVersioning,
  storage.bucketEncryption,
  storage.bucketPublicAccessBlock,
  storage.bucketPolicy,
  storage.bucketLifecycle,
  storage.bucketOwnership,
  bucketObject,
  storage.logGroup,
  dns.zone,
  dns.zoneAssociation,
  dns.record,
  loadBalancing.loadBalancer,
  classicLoadBalancer,
  loadBalancing.targetGroup,
  loadBalancing.listener,
  loadBalancing.targetGroupAttachment,
  autoScaling.autoScalingGroup,
  autoScaling.autoScalingAttachment,
];

const byToken = new Map(resourceTypes.map((type) => [type.token, type]));

/** The entry of a type, if there is one. */
export function findResourceType(token: string): ResourceType | undefined {
  return byToken.get(token);
}

/** The entry of a type; unknown types are refused loudly, never made up. */
export function resourceType(token: string): ResourceType {
  const type = findResourceType(token);
  if (type === undefined) throw new Error(`the sandbox does not imitate resource type ${token}: add an entry under sandbox/aws/types/`);
  return type;
}
