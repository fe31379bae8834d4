import type { Item } from '../../inventory/item.js';
import type { Way } from '../../kubernetes/nodes/node-cloud.js';
import { number, object, objects, text } from '../../provider/properties.js';
import type { Cloud } from '../cloud.js';
import { poolsOf } from '../machines.js';
import { sameId } from '../types/references.js';
import * as tokens from '../types/tokens.js';

/** All ways from internal load balancers with a rule for this port to one of these machines. */
export function waysTo(cloud: Cloud, machines: readonly Item[], port: number): Way[] {
  const pools = machines.flatMap((machine) => poolsOf(cloud, machine).map((pool) => ({ pool, since: machine.createdAt })));
  if (pools.length === 0) return [];
  return cloud.inventory.ofType(tokens.loadBalancer).flatMap((balancer) => objects(balancer.outputs, 'loadBalancingRules')
    .filter((rule) => number(rule, 'frontendPort') === port)
    .flatMap((rule): Way[] => {
      const frontend = objects(balancer.outputs, 'frontendIPConfigurations').find((one) => sameId(text(one, 'id'), text(object(rule, 'frontendIPConfiguration'), 'id')));
      const address = text(frontend ?? {}, 'privateIPAddress');
      const led = pools.filter(({ pool }) => sameId(pool, text(object(rule, 'backendAddressPool'), 'id')));
      return address === undefined || led.length === 0 ? [] : [{ address, since: Math.max(balancer.readyAt, Math.min(...led.map(({ since }) => since))) }];
    }));
}

/** Why no way leads to a machine. */
export function missingWay(cloud: Cloud, machine: Item, port: number): string {
  return poolsOf(cloud, machine).length > 0
    ? `the API server's name leads nowhere: no internal load balancer has a rule for port ${port} that leads to the pool of ${machine.id}`
    : `the API server's name leads nowhere: no interface of ${machine.id} is in a pool of a load balancer with a rule for port ${port}`;
}
