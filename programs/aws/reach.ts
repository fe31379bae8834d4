import { Route } from '@pulumi/aws/ec2/route.js';
import { VpcPeeringConnection } from '@pulumi/aws/ec2/vpcPeeringConnection.js';
import { ZoneAssociation } from '@pulumi/aws/route53/zoneAssociation.js';
import type { Context } from './context.js';
import type { ApiEntry } from './load-balancer.js';
import type { Network } from './network.js';
import { loadBalancerAddress } from './subnet-layout.js';

/**
 * The worker's way to a private cluster: its network and the cluster's are peered, with routes in both directions, and it sees the cluster's zone.
 * What it may reach is one security rule on the load balancer. Both networks belong to one account and region, or the peering would need an
 * acceptance from the other side.
 */
export function reach({ account, options, slot, tags }: Context, { vpc, zones }: Network, { zone }: ApiEntry): void {
  const way = account.reach;
  switch (way.type) {
    case 'public':
    case 'tunnel':
      return;
    case 'peering': {
      const peering = new VpcPeeringConnection('peering', { vpcId: vpc.id, peerVpcId: way.vpcId, autoAccept: true, tags: tags('peering') }, options);
      for (const { zone: { letter }, routeTable } of zones) {
        new Route(`route-node-${letter}-provisioner`, { routeTableId: routeTable.id, destinationCidrBlock: way.cidr, vpcPeeringConnectionId: peering.id }, options);
      }
      // To the load balancer's addresses only: other clusters may have the same network, and the most specific route wins.
      way.routeTableIds.forEach((routeTableId, index) => {
        for (const { zone: { letter }, layout } of zones) {
          new Route(`route-provisioner-${index + 1}-${letter}`, { routeTableId, destinationCidrBlock: `${loadBalancerAddress(layout, slot)}/32`, vpcPeeringConnectionId: peering.id }, options);
        }
      });
      new ZoneAssociation('zone-provisioner', { zoneId: zone.zoneId, vpcId: way.vpcId }, options);
    }
  }
}
