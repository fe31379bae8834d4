import type { Item } from '../../inventory/item.js';
import type { Way } from '../../kubernetes/nodes/node-cloud.js';
import { number, objects, text } from '../../provider/properties.js';
import { lookUp, type Cloud } from '../cloud.js';
import * as tokens from '../types/tokens.js';

/** All ways from load balancers with a listener on this port to one of these instances. */
export function waysTo(cloud: Cloud, instances: readonly Item[], port: number): Way[] {
  const ids = new Set(instances.map(({ id }) => id));
  const attachments = cloud.inventory.ofType(tokens.targetGroupAttachment).filter(({ outputs }) => ids.has(text(outputs, 'targetId') ?? ''));
  if (attachments.length === 0) return [];
  return cloud.inventory.ofType(tokens.listener).filter(({ outputs }) => number(outputs, 'port') === port).flatMap((listener) => {
    const balancer = lookUp(cloud, tokens.loadBalancer, text(listener.outputs, 'loadBalancerArn') ?? '');
    const address = text(balancer?.outputs ?? {}, 'dnsName');
    const groups = objects(listener.outputs, 'defaultActions').flatMap((action) => lookUp(cloud, tokens.targetGroup, text(action, 'targetGroupArn') ?? '') ?? []);
    const leading = attachments.filter(({ outputs }) => groups.some((group) => group.id === text(outputs, 'targetGroupArn')));
    const first = leading.sort((a, b) => a.readyAt - b.readyAt)[0];
    if (balancer === undefined || address === undefined || first === undefined) return [];
    return [{ address, since: Math.max(first.readyAt, listener.readyAt, balancer.readyAt, ...groups.map(({ readyAt }) => readyAt)) }];
  });
}

/** Why no way leads to an instance. */
export function missingWay(cloud: Cloud, instance: Item, port: number): string {
  const attached = cloud.inventory.ofType(tokens.targetGroupAttachment).some(({ outputs }) => text(outputs, 'targetId') === instance.id);
  return attached
    ? `the API server's name leads nowhere: no load balancer has a listener on port ${port} that forwards to the target group of ${instance.id}`
    : `the API server's name leads nowhere: ${instance.id} is in no target group of a load balancer with a listener on port ${port}`;
}
