import type { Inventory } from '../inventory/inventory.js';
import type { Item } from '../inventory/item.js';
import { accountId, arn } from './cloud.js';

const region = 'eu-west-1';
const vpcId = 'vpc-0c1d5e70worker000';
const routeTableId = 'rtb-0c1d5e70worker000';

/** Where the worker is in its network. */
export const workerAddress = '10.0.0.10';

/** The network in which the service's worker runs: the other end of the peering that reaches private clusters. */
export function seedWorkerNetwork(inventory: Inventory): void {
  const now = inventory.clock.now();
  const common = { cluster: null, uid: null, resource: null, region, inputs: {}, createdAt: now, readyAt: now };
  const tags = { Name: 'clusterwright-worker' };
  const vpc: Item = {
    ...common,
    type: 'aws:ec2/vpc:Vpc',
    id: vpcId,
    parent: null,
    outputs: {
      arn: arn('ec2', region, `vpc/${vpcId}`),
      cidrBlock: '10.0.0.0/16',
      enableDnsHostnames: true,
      enableDnsSupport: true,
      mainRouteTableId: routeTableId,
      defaultRouteTableId: routeTableId,
      defaultSecurityGroupId: 'sg-0c1d5e70worker000',
      ownerId: accountId,
      tags,
      tagsAll: tags,
    },
  };
  const routeTable: Item = {
    ...common,
    type: 'aws:ec2/routeTable:RouteTable',
    id: routeTableId,
    parent: { type: vpc.type, id: vpc.id },
    outputs: { arn: arn('ec2', region, `route-table/${routeTableId}`), vpcId, ownerId: accountId, tags, tagsAll: tags },
  };
  for (const item of [vpc, routeTable]) if (inventory.get(item.type, item.id) === undefined) inventory.create(item);
}
