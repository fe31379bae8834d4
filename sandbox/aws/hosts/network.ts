import type { HostBalancer, HostNetwork } from '../../hosts/host-cloud.js';
import type { Item } from '../../inventory/item.js';
import { Cidr } from '../../provider/cidr.js';
import { number, object, objects, text, texts } from '../../provider/properties.js';
import { lookUp, type Cloud } from '../cloud.js';
import * as tokens from '../types/tokens.js';
import { workerAddress } from '../worker-network.js';
import { policiesOf, type Member } from './policies.js';

/** A network of AWS beside its machines. */
export function networkOf(cloud: Cloud, id: string): HostNetwork | undefined {
  const { inventory } = cloud;
  const vpc = inventory.get(tokens.vpc, id);
  const cidr = Cidr.parse(text(vpc?.outputs ?? {}, 'cidrBlock') ?? '');
  if (vpc === undefined || cidr === undefined) return undefined;
  const machines = inventory.ofType(tokens.instance).filter((machine) => vpcOf(cloud, machine) === id);
  const loads = inventory.ofType(tokens.loadBalancer).filter(({ outputs }) => text(outputs, 'vpcId') === id && outputs['internal'] === true);
  const members: Member[] = [
    ...machines.map(({ outputs }) => ({ address: text(outputs, 'privateIp') ?? '', groups: texts(outputs, 'vpcSecurityGroupIds') })),
    ...loads.flatMap((load) => addressesOf(load).map((address) => ({ address, groups: texts(load.outputs, 'securityGroups') }))),
  ];
  return {
    cidr: cidr.text,
    worker: workerAddress,
    policies: policiesOf(cloud, members),
    balancers: loads.flatMap((load) => balancersOf(cloud, load)),
    // "The base of the VPC network range plus two" (Amazon VPC user guide).
    nameServer: cidr.at(2),
    names: { ...zoneNames(cloud, id), ...Object.fromEntries(machines.map(({ outputs }) => [text(outputs, 'privateDns') ?? '', [text(outputs, 'privateIp') ?? '']])) },
    endpoints: [],
    services: ['.amazonaws.com'],
  };
}

/** The network of a machine. */
export function vpcOf({ inventory }: Cloud, { outputs }: Item): string | undefined {
  return text(inventory.get(tokens.subnet, text(outputs, 'subnetId') ?? '')?.outputs ?? {}, 'vpcId');
}

/** One address for each zone. */
function addressesOf({ outputs }: Item): string[] {
  return objects(outputs, 'subnetMappings').flatMap((mapping) => text(mapping, 'privateIpv4Address') ?? []);
}

/** What listens on each of a load balancer's addresses. The way from outside leads to the first. */
function balancersOf(cloud: Cloud, load: Item): HostBalancer[] {
  const outside = text(load.outputs, 'dnsName') ?? '';
  return cloud.inventory.childrenOf(load, tokens.listener).flatMap((listener) => {
    const groups = objects(listener.outputs, 'defaultActions').flatMap((action) => lookUp(cloud, tokens.targetGroup, text(action, 'targetGroupArn') ?? '') ?? []);
    return groups.flatMap((group) => addressesOf(load).map((address): HostBalancer => {
      const check = object(group.outputs, 'healthCheck');
      const port = number(group.outputs, 'port') ?? 0;
      return {
        address, port: number(listener.outputs, 'port') ?? 0, outside,
        targets: cloud.inventory.childrenOf(group, tokens.targetGroupAttachment).flatMap((attachment) => {
          const machine = cloud.inventory.get(tokens.instance, text(attachment.outputs, 'targetId') ?? '');
          return machine === undefined ? [] : [{ address: text(machine.outputs, 'privateIp') ?? '', port: number(attachment.outputs, 'port') ?? port }];
        }),
        check: {
          path: text(check, 'path') ?? '/', port: Number(text(check, 'port') ?? port) || port,
          intervalSeconds: cloud.latency.milliseconds(number(check, 'interval') ?? 30) / 1000, healthy: number(check, 'healthyThreshold') ?? 3, unhealthy: number(check, 'unhealthyThreshold') ?? 3,
        },
      };
    }));
  });
}

/** The records of the private zones that a network sees. */
function zoneNames(cloud: Cloud, vpc: string): Record<string, string[]> {
  const { inventory } = cloud;
  const zones = inventory.ofType(tokens.zone).filter((zone) => objects(zone.outputs, 'vpcs').some((seen) => text(seen, 'vpcId') === vpc));
  const records = zones.flatMap((zone) => inventory.childrenOf(zone, tokens.record)).filter(({ outputs }) => text(outputs, 'type') === 'A');
  return Object.fromEntries(records.map(({ outputs }) => {
    const aliases = objects(outputs, 'aliases').map((alias) => text(alias, 'name'));
    const balanced = inventory.ofType(tokens.loadBalancer).filter((load) => aliases.includes(text(load.outputs, 'dnsName'))).flatMap(addressesOf);
    return [text(outputs, 'fqdn') ?? '', [...texts(outputs, 'records'), ...balanced]];
  }));
}
