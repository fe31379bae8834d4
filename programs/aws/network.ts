import { Eip } from '@pulumi/aws/ec2/eip.js';
import { InternetGateway } from '@pulumi/aws/ec2/internetGateway.js';
import { NatGateway } from '@pulumi/aws/ec2/natGateway.js';
import { Route } from '@pulumi/aws/ec2/route.js';
import { RouteTable } from '@pulumi/aws/ec2/routeTable.js';
import { RouteTableAssociation } from '@pulumi/aws/ec2/routeTableAssociation.js';
import { Subnet } from '@pulumi/aws/ec2/subnet.js';
import { SubnetCidrReservation } from '@pulumi/aws/ec2/subnetCidrReservation.js';
import { Vpc } from '@pulumi/aws/ec2/vpc.js';
import * as pulumi from '@pulumi/pulumi';
import { ownershipTag, type Context, type Zone } from './context.js';
import { subnetLayout, type ZoneLayout } from './subnet-layout.js';

/** The network of one zone. */
export interface ZoneNetwork {
  readonly zone: Zone;
  readonly layout: ZoneLayout;
  /** Id of the private subnet, known once the fixed addresses in it are reserved. */
  readonly nodeSubnetId: pulumi.Output<string>;
  readonly publicSubnetId: pulumi.Output<string>;
  /** The private subnet's own route table. */
  readonly routeTable: RouteTable;
}

/** The cluster's network over three zones. */
export interface Network {
  readonly vpc: Vpc;
  readonly zones: readonly ZoneNetwork[];
  /** The public subnets' way to the internet: what has a public address needs it first, and goes before it. */
  readonly publicRoute: Route;
  /** The routes out through NAT: machines that boot before them find no packages. */
  readonly routesOut: readonly Route[];
}

/** A VPC with a private and a public subnet in each zone and the way out through NAT, per zone or through a single gateway. */
export function network(context: Context): Network {
  const { spec, options, tags } = context;
  // Node names are the private DNS names, so the VPC must give them.
  const vpc = new Vpc('vpc', { cidrBlock: spec.network.cidr, enableDnsSupport: true, enableDnsHostnames: true, tags: tags('vpc') }, options);
  const gateway = new InternetGateway('internet-gateway', { vpcId: vpc.id, tags: tags('internet-gateway') }, options);
  const publicTable = new RouteTable('routes-public', { vpcId: vpc.id, tags: tags('routes-public') }, options);
  const publicRoute = new Route('route-public-internet', { routeTableId: publicTable.id, destinationCidrBlock: '0.0.0.0/0', gatewayId: gateway.id }, options);

  const layouts = subnetLayout(spec.network.cidr, context.zones.length);
  const zones = context.zones.flatMap((zone, index): ZoneNetwork[] => {
    const layout = layouts[index];
    return layout ? [zoneNetwork(context, vpc, publicTable, zone, layout)] : [];
  });

  const natZones = spec.network.natGateways === 'single' ? zones.slice(0, 1) : zones;
  const nats = natZones.map((zone) => natGateway(context, zone, publicRoute));
  const routesOut = zones.flatMap(({ zone, routeTable }, index) => {
    const nat = nats[index] ?? nats[0];
    return nat ? [new Route(`route-node-${zone.letter}-nat`, { routeTableId: routeTable.id, destinationCidrBlock: '0.0.0.0/0', natGatewayId: nat.id }, options)] : [];
  });
  return { vpc, zones, publicRoute, routesOut };
}

function zoneNetwork({ spec, options, tags }: Context, vpc: Vpc, publicTable: RouteTable, zone: Zone, layout: ZoneLayout): ZoneNetwork {
  const { letter, name: availabilityZone } = zone;
  const node = new Subnet(`subnet-node-${letter}`, {
    vpcId: vpc.id,
    availabilityZone,
    cidrBlock: layout.node,
    mapPublicIpOnLaunch: false,
    privateDnsHostnameTypeOnLaunch: 'ip-name',
    tags: tags(`subnet-node-${letter}`, { ...ownershipTag(spec.name), 'kubernetes.io/role/internal-elb': '1' }),
  }, options);
  const reservation = new SubnetCidrReservation(`reservation-${letter}`, {
    subnetId: node.id,
    cidrBlock: layout.reserved,
    reservationType: 'explicit',
    description: 'Fixed addresses of control planes',
  }, options);
  const balancers = new SubnetCidrReservation(`reservation-api-${letter}`, {
    subnetId: node.id,
    cidrBlock: layout.loadBalancers,
    reservationType: 'explicit',
    description: 'Fixed address of the API load balancer',
  }, options);
  // Single addresses are taken from elsewhere, so that whole blocks are left for pods: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-cidr-reservation.html
  const pods = spec.platform.cni !== 'aws-vpc-cni' ? [] : layout.pods.map((cidrBlock, index) => new SubnetCidrReservation(`reservation-pods-${letter}-${index + 1}`, {
    subnetId: node.id, cidrBlock, reservationType: 'prefix', description: 'Addresses of pods',
  }, options));
  const routeTable = new RouteTable(`routes-node-${letter}`, { vpcId: vpc.id, tags: tags(`routes-node-${letter}`) }, options);
  new RouteTableAssociation(`routes-node-${letter}`, { subnetId: node.id, routeTableId: routeTable.id }, options);

  const publicSubnet = new Subnet(`subnet-public-${letter}`, {
    vpcId: vpc.id,
    availabilityZone,
    cidrBlock: layout.public,
    mapPublicIpOnLaunch: false,
    tags: tags(`subnet-public-${letter}`, { ...ownershipTag(spec.name), 'kubernetes.io/role/elb': '1' }),
  }, options);
  new RouteTableAssociation(`routes-public-${letter}`, { subnetId: publicSubnet.id, routeTableId: publicTable.id }, options);
  // Whatever takes addresses in the subnet waits for the reservations, or it might take a control plane's address.
  return { zone, layout, nodeSubnetId: pulumi.all([reservation.subnetId, pulumi.all([balancers, ...pods].map(({ id }) => id))]).apply(([subnetId]) => subnetId), publicSubnetId: publicSubnet.id, routeTable };
}

function natGateway({ options, tags }: Context, { zone, publicSubnetId }: ZoneNetwork, publicRoute: Route): NatGateway {
  const address = new Eip(`nat-${zone.letter}`, { domain: 'vpc', tags: tags(`nat-${zone.letter}`) }, options);
  // A NAT gateway without a route to the internet fails in the cloud, not here: https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html
  return new NatGateway(`nat-${zone.letter}`, { allocationId: address.id, subnetId: publicSubnetId, tags: tags(`nat-${zone.letter}`) }, { ...options, dependsOn: publicRoute });
}
