import { lookUp, type Cloud } from '../../aws/cloud.js';
import { number, objects, text } from '../../provider/properties.js';
import * as tokens from '../../aws/types/tokens.js';
import type { Item } from '../../inventory/item.js';
import type { ClusterState } from './timeline.js';

/** A load balancer that leads to a cluster's control planes. */
export interface Way {
  /** Loopback address on which the API server has to answer. */
  address: string;
  /** Since when everything on the way is there. */
  since: number;
}

type Looks = Pick<Cloud, 'inventory'>;

/** All ways from load balancers with a listener on this port to one of these instances. */
export function waysTo(cloud: Looks, instances: readonly Item[], port: number): Way[] {
  const ids = new Set(instances.map(({ id }) => id));
  const attachments = cloud.inventory.ofType(tokens.targetGroupAttachment).filter(({ outputs }) => ids.has(text(outputs, 'targetId') ?? ''));
  if (attachments.length === 0) return [];
  return cloud.inventory.ofType(tokens.listener).filter(({ outputs }) => number(outputs, 'port') === port).flatMap((listener) => {
    const balancer = lookUp(cloud as Cloud, tokens.loadBalancer, text(listener.outputs, 'loadBalancerArn') ?? '');
    const address = text(balancer?.outputs ?? {}, 'dnsName');
    const groups = objects(listener.outputs, 'defaultActions').flatMap((action) => lookUp(cloud as Cloud, tokens.targetGroup, text(action, 'targetGroupArn') ?? '') ?? []);
    const leading = attachments.filter(({ outputs }) => groups.some((group) => group.id === text(outputs, 'targetGroupArn')));
    const first = leading.sort((a, b) => a.readyAt - b.readyAt)[0];
    if (balancer === undefined || address === undefined || first === undefined) return [];
    return [{ address, since: Math.max(first.readyAt, listener.readyAt, balancer.readyAt, ...groups.map(({ readyAt }) => readyAt)) }];
  });
}

/** Whether a way leads to the machine that starts the cluster, and since when; else what is missing. */
export function entryTo(cloud: Looks, starter: Item, port: number): ClusterState['entry'] {
  const ways = waysTo(cloud, [starter], port);
  if (ways.length > 0) return { since: Math.min(...ways.map(({ since }) => since)) };
  const attached = cloud.inventory.ofType(tokens.targetGroupAttachment).some(({ outputs }) => text(outputs, 'targetId') === starter.id);
  return {
    missing: attached
      ? `the API server's name leads nowhere: no load balancer has a listener on port ${port} that forwards to the target group of ${starter.id}`
      : `the API server's name leads nowhere: ${starter.id} is in no target group of a load balancer with a listener on port ${port}`,
  };
}
