import type { HostBalancer, HostNetwork } from '../../hosts/host-cloud.js';
import type { Item } from '../../inventory/item.js';
import type { PropertyMap } from '../../protocol/values.js';
import { flag, number, object, objects, text, texts } from '../../provider/properties.js';
import { rangesOfNetwork } from '../addresses.js';
import { lookUp, type Cloud } from '../cloud.js';
import { nameOf } from '../ids.js';
import { addressOf, hostNameOf, machineTypes, subnetsOf } from '../machines.js';
import { sameId } from '../types/references.js';
import * as tokens from '../types/tokens.js';
import { workerAddress } from '../worker-network.js';
import { platformAddress, policiesOf, type Member } from './policies.js';

/** A frontend of an internal load balancer, with the address that it has in its network, and where the worker finds it on loopback. */
interface Frontend {
  readonly balancer: Item;
  readonly id: string;
  readonly address: string;
  readonly outside: string;
}

/** A virtual network beside its machines. */
export function networkOf(cloud: Cloud, id: string): HostNetwork | undefined {
  const { inventory } = cloud;
  const network = inventory.get(tokens.virtualNetwork, id);
  const ranges = rangesOfNetwork(network?.outputs ?? {});
  const [cidr] = ranges;
  if (network === undefined || cidr === undefined) return undefined;
  const peers = inventory.childrenOf(network, tokens.virtualNetworkPeering).filter(({ outputs }) => text(outputs, 'peeringState') === 'Connected')
    .flatMap(({ outputs }) => lookUp(cloud, tokens.virtualNetwork, text(object(outputs, 'remoteVirtualNetwork'), 'id') ?? '') ?? []);
  const frontends = frontendsIn(cloud, network);
  const zones = zoneNames(cloud, network, frontends);
  const machines = [...machineTypes].flatMap((type) => inventory.ofType(type)).filter((machine) => virtualNetworkOf(cloud, subnetsOf(cloud, machine)[0] ?? '')?.id === network.id);
  return {
    cidr: cidr.text,
    worker: workerAddress,
    policies: policiesOf(cloud, membersIn(cloud, network), [...ranges, ...peers.flatMap(({ outputs }) => rangesOfNetwork(outputs))]),
    balancers: frontends.flatMap((frontend) => balancersOf(cloud, frontend)),
    nameServer: platformAddress,
    names: { ...Object.fromEntries(machines.map((machine) => [hostNameOf(machine).toLowerCase(), [addressOf(cloud, machine)]])), ...zones, ...privateNames(cloud, zones) },
    endpoints: endpointsIn(cloud, network),
    services: ['management.azure.com', '.vault.azure.net', '.blob.core.windows.net'],
  };
}

/** The network that a subnet is part of. */
export function virtualNetworkOf(cloud: Cloud, subnet: string): Item | undefined {
  return cloud.inventory.get(tokens.virtualNetwork, lookUp(cloud, tokens.subnet, subnet)?.parent?.id ?? '');
}

/** All that has an interface there. Private endpoints pass by the groups unless their subnet says otherwise. https://learn.microsoft.com/azure/private-link/disable-private-endpoint-network-policy */
function membersIn(cloud: Cloud, network: Item): Member[] {
  return cloud.inventory.ofType(tokens.networkInterface).flatMap(({ outputs }) => objects(outputs, 'ipConfigurations').flatMap((configuration): Member[] => {
    const subnet = lookUp(cloud, tokens.subnet, text(object(configuration, 'subnet'), 'id') ?? '');
    const address = text(configuration, 'privateIPAddress');
    if (subnet === undefined || address === undefined || subnet.parent?.id !== network.id) return [];
    const judged = outputs['privateEndpoint'] === undefined || ['Enabled', 'NetworkSecurityGroupEnabled'].includes(text(subnet.outputs, 'privateEndpointNetworkPolicies') ?? '');
    const groups = judged ? [subnet.outputs, outputs].flatMap((holder) => text(object(holder, 'networkSecurityGroup'), 'id')?.toLowerCase() ?? []) : [];
    return [{ address, groups: [...new Set(groups)] }];
  }));
}

/** Those whose address the cloud chose: a fixed one is nowhere on loopback, where the worker could find it. */
function frontendsIn(cloud: Cloud, network: Item): Frontend[] {
  return cloud.inventory.ofType(tokens.loadBalancer).flatMap((balancer) => objects(balancer.outputs, 'frontendIPConfigurations').flatMap((frontend) => {
    const [id, address, outside] = [text(frontend, 'id'), text(frontend, 'subnetAddress'), text(frontend, 'privateIPAddress')];
    const here = virtualNetworkOf(cloud, text(object(frontend, 'subnet'), 'id') ?? '')?.id === network.id;
    return here && id !== undefined && address !== undefined && outside !== undefined ? [{ balancer, id, address, outside }] : [];
  }));
}

/** What listens on a frontend. Rules with a floating IP are left out: they lead to addresses that only kube-proxy of the nodes knows. */
function balancersOf(cloud: Cloud, { balancer: { outputs }, id, address, outside }: Frontend): HostBalancer[] {
  const rules = objects(outputs, 'loadBalancingRules').filter((rule) => sameId(text(object(rule, 'frontendIPConfiguration'), 'id'), id) && text(rule, 'protocol') === 'Tcp' && !flag(rule, 'enableFloatingIP'));
  return rules.map((rule): HostBalancer => {
    const pool = text(object(rule, 'backendAddressPool'), 'id');
    const port = number(rule, 'backendPort') ?? 0;
    const members = cloud.inventory.ofType(tokens.networkInterface).flatMap((card) => objects(card.outputs, 'ipConfigurations'))
      .filter((configuration) => objects(configuration, 'loadBalancerBackendAddressPools').some((one) => sameId(text(one, 'id'), pool)));
    const probe = objects(outputs, 'probes').find((one) => sameId(text(one, 'id'), text(object(rule, 'probe'), 'id')));
    return {
      address, port: number(rule, 'frontendPort') ?? 0, outside,
      // "The flow […] preserves the client's address", and one to itself never arrives. https://learn.microsoft.com/azure/load-balancer/components#limitations
      passThrough: true,
      targets: members.flatMap((configuration) => text(configuration, 'privateIPAddress') ?? []).map((target) => ({ address: target, port })),
      ...(probe === undefined ? {} : { check: checkOf(cloud, probe) }),
    };
  });
}

/** https://learn.microsoft.com/azure/load-balancer/load-balancer-custom-probe-overview: `numberOfProbes` has no effect, `probeThreshold` counts both ways. */
function checkOf({ latency }: Cloud, probe: PropertyMap): NonNullable<HostBalancer['check']> {
  const protocol = ({ Https: 'https', Http: 'http' } as const)[text(probe, 'protocol') ?? ''] ?? 'tcp';
  const threshold = number(probe, 'probeThreshold') ?? 1;
  return {
    protocol, path: text(probe, 'requestPath') ?? '/', port: number(probe, 'port') ?? 0, from: platformAddress,
    intervalSeconds: latency.milliseconds(number(probe, 'intervalInSeconds') ?? 15) / 1000, healthy: threshold, unhealthy: threshold,
  };
}

/** Addresses in the private zones that are linked with a network. Names that stand for a frontend's loopback address stand for its own here. */
function zoneNames({ inventory }: Cloud, network: Item, frontends: readonly Frontend[]): Record<string, string[]> {
  const own = new Map(frontends.map(({ address, outside }) => [outside, address]));
  const links = inventory.ofType(tokens.virtualNetworkLink).filter(({ outputs }) => sameId(text(object(outputs, 'virtualNetwork'), 'id'), network.id));
  const zones = links.flatMap(({ parent }) => inventory.get(tokens.privateZone, parent?.id ?? '') ?? []);
  return Object.fromEntries(zones.flatMap((zone) => inventory.childrenOf(zone, tokens.privateRecordSet).flatMap((record): [string, string[]][] => {
    const addresses = objects(record.outputs, 'aRecords').flatMap((one) => text(one, 'ipv4Address') ?? []);
    if (addresses.length === 0) return [];
    // `@` is the zone itself, `*` all that is below.
    const name = `${nameOf(record.id)}.${nameOf(zone.id)}`.toLowerCase().replace(/^@\.|^\*(?=\.)/, '');
    return [[name, addresses.map((address) => own.get(address) ?? address)]];
  })));
}

/** Addresses of the private endpoints in a network. */
function endpointsIn(cloud: Cloud, network: Item): string[] {
  const there = cloud.inventory.ofType(tokens.privateEndpoint).filter(({ outputs }) => virtualNetworkOf(cloud, text(object(outputs, 'subnet'), 'id') ?? '')?.id === network.id);
  return there.flatMap(({ outputs }) => objects(outputs, 'customDnsConfigs').flatMap((one) => texts(one, 'ipAddresses')));
}

/**
 * Public names of services with private endpoints: aliases of names in zones of their own, which a network that is linked with the zone finds there.
 * https://learn.microsoft.com/azure/private-link/private-endpoint-dns
 */
function privateNames({ inventory }: Cloud, zones: Readonly<Record<string, readonly string[]>>): Record<string, readonly string[]> {
  const names = inventory.ofType(tokens.privateEndpoint).flatMap(({ outputs }) => objects(outputs, 'customDnsConfigs')).flatMap((one) => text(one, 'fqdn')?.toLowerCase() ?? []);
  return Object.fromEntries(names.flatMap((name): [string, readonly string[]][] => {
    const found = zones[name.replace('.vault.azure.net', '.privatelink.vaultcore.azure.net').replace('.blob.core.', '.privatelink.blob.core.')];
    return found === undefined ? [] : [[name, found]];
  }));
}
