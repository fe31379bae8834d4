import { Listener } from '@pulumi/aws/lb/listener.js';
import { LoadBalancer } from '@pulumi/aws/lb/loadBalancer.js';
import { TargetGroup } from '@pulumi/aws/lb/targetGroup.js';
import { Record } from '@pulumi/aws/route53/record.js';
import { Zone } from '@pulumi/aws/route53/zone.js';
import type * as pulumi from '@pulumi/pulumi';
import { apiServerPort, endpointName } from '../../model/names.js';
import type { Context } from './context.js';
import type { Network } from './network.js';
import type { Security } from './security.js';
import { loadBalancerAddress } from './subnet-layout.js';

/** How the API server is reached. */
export interface ApiEntry {
  readonly zone: Zone;
  /** The internal load balancer's name, which the worker dials. */
  readonly address: pulumi.Output<string>;
  /** The public load balancer's name, or null. */
  readonly publicAddress: pulumi.Output<string> | null;
  /** Where the control planes are registered, by part. */
  readonly targetGroups: readonly { readonly part: string; readonly arn: pulumi.Output<string> }[];
}

/** Longest name of a load balancer or target group. */
const nameLimit = 32;

/** The stable name in a private zone, the internal load balancer behind it, and a public one only where the spec asks. */
export function loadBalancer(context: Context, network: Network, { group }: Security): ApiEntry {
  const { spec, options, tags } = context;
  const internal = balancer(context, network, 'api', {
    internal: true,
    subnetMappings: network.zones.map(({ nodeSubnetId, layout }) => ({ subnetId: nodeSubnetId, privateIpv4Address: loadBalancerAddress(layout, context.slot) })),
    securityGroups: [group('load-balancer')],
  });
  const outside = spec.network.apiServer.public
    ? balancer(context, network, 'api-public', {
      internal: false,
      subnets: network.zones.map((zone) => zone.publicSubnetId),
      securityGroups: [group('public-load-balancer')],
    }, [network.publicRoute])
    : undefined;

  const zone = new Zone('zone', {
    name: `${spec.name}.${spec.network.domain}`,
    comment: `Cluster ${spec.name}`,
    vpcs: [{ vpcId: network.vpc.id }],
    // What nodes or operators put into the zone must not keep it from going.
    forceDestroy: true,
    tags: tags('zone'),
    // Associations besides the first are resources of their own.
  }, { ...options, ignoreChanges: ['vpcs'] });
  new Record('api', {
    zoneId: zone.zoneId,
    name: endpointName(spec.name, spec.network.domain),
    type: 'A',
    // The zone is the cluster's alone: after a lost answer the record is there, and is what this one is.
    allowOverwrite: true,
    aliases: [{ name: internal.load.dnsName, zoneId: internal.load.zoneId, evaluateTargetHealth: false }],
  }, options);
  return {
    zone,
    address: internal.load.dnsName,
    publicAddress: outside ? outside.load.dnsName : null,
    targetGroups: [internal, ...(outside ? [outside] : [])].map(({ part, targets }) => ({ part, arn: targets.arn })),
  };
}

interface Placement {
  readonly internal: boolean;
  readonly subnets?: pulumi.Input<string>[];
  readonly subnetMappings?: { subnetId: pulumi.Input<string>; privateIpv4Address: string }[];
  readonly securityGroups: pulumi.Input<string>[];
}

function balancer({ options, tags, physical }: Context, { vpc }: Network, part: string, placement: Placement, after: pulumi.Resource[] = []) {
  const load = new LoadBalancer(part, {
    name: physical(part, nameLimit),
    loadBalancerType: 'network',
    enableCrossZoneLoadBalancing: true,
    ...placement,
    tags: tags(part),
  }, { ...options, dependsOn: after });
  const targets = new TargetGroup(part, {
    name: physical(part, nameLimit),
    vpcId: vpc.id,
    targetType: 'instance',
    protocol: 'TCP',
    port: apiServerPort,
    // With it on, a control plane that dials the load balancer and is sent to itself never gets an answer.
    preserveClientIp: 'false',
    deregistrationDelay: 15,
    connectionTermination: true,
    healthCheck: {
      protocol: 'HTTPS', port: String(apiServerPort), path: '/readyz', matcher: '200',
      interval: 10, timeout: 5, healthyThreshold: 2, unhealthyThreshold: 2,
    },
    tags: tags(part),
  }, options);
  new Listener(part, {
    loadBalancerArn: load.arn,
    protocol: 'TCP',
    port: apiServerPort,
    defaultActions: [{ type: 'forward', targetGroupArn: targets.arn }],
    tags: tags(part),
  }, options);
  return { part, load, targets };
}
