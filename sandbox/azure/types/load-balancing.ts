import { randomUUID } from 'node:crypto';
import type { PropertyMap } from '../../protocol/values.js';
import { oneOf, range, rule } from '../../provider/checks.js';
import { flag, object, objects, select, text } from '../../provider/properties.js';
import { freeAddress, requireAddress } from '../addresses.js';
import { arm, networkName } from '../arm.js';
import { lookUp } from '../cloud.js';
import { AzureError } from '../errors.js';
import { nameOf } from '../ids.js';
import type { Request, ResourceType } from '../resource-type.js';
import { notFound, refers, requireParts, sameId, usersOf } from './references.js';
import * as tokens from './tokens.js';

/** The lists of a load balancer whose members have ids of their own. */
const partLists = ['frontendIPConfigurations', 'backendAddressPools', 'probes', 'loadBalancingRules', 'outboundRules', 'inboundNatRules'] as const;

/** What a rule names, with the list that must have it. */
const ruleReferences = [
  ['loadBalancingRules', 'frontendIPConfiguration.id', 'frontendIPConfigurations'],
  ['loadBalancingRules', 'backendAddressPool.id', 'backendAddressPools'],
  ['loadBalancingRules', 'backendAddressPools[].id', 'backendAddressPools'],
  ['loadBalancingRules', 'probe.id', 'probes'],
  ['outboundRules', 'frontendIPConfigurations[].id', 'frontendIPConfigurations'],
  ['outboundRules', 'backendAddressPool.id', 'backendAddressPools'],
  ['inboundNatRules', 'frontendIPConfiguration.id', 'frontendIPConfigurations'],
] as const;

function probeFault(probe: PropertyMap): string | undefined {
  const http = text(probe, 'protocol') !== 'Tcp';
  if (http !== (text(probe, 'requestPath') !== undefined)) return http ? 'a probe by HTTP or HTTPS needs a requestPath' : 'a probe by TCP has no requestPath';
  return undefined;
}

export const loadBalancer: ResourceType = arm({
  token: tokens.loadBalancer,
  path: 'Microsoft.Network/loadBalancers/{loadBalancerName}',
  name: networkName,
  latency: { create: 3, update: 3, delete: 11 },
  checks: [
    oneOf('sku.name', ['Basic', 'Standard', 'Gateway']),
    oneOf('sku.tier', ['Regional', 'Global']),
    oneOf('frontendIPConfigurations[].privateIPAllocationMethod', ['Dynamic', 'Static']),
    oneOf('frontendIPConfigurations[].zones[]', ['1', '2', '3']),
    oneOf('probes[].protocol', ['Http', 'Tcp', 'Https']),
    range('probes[].port', 1, 65_535),
    range('probes[].intervalInSeconds', 5, 2_147_483_646),
    range('probes[].probeThreshold', 1, 100),
    oneOf('loadBalancingRules[].protocol', ['Tcp', 'Udp', 'All']),
    range('loadBalancingRules[].frontendPort', 0, 65_534),
    range('loadBalancingRules[].backendPort', 0, 65_535),
    range('loadBalancingRules[].idleTimeoutInMinutes', 4, 100),
    oneOf('loadBalancingRules[].loadDistribution', ['Default', 'SourceIP', 'SourceIPProtocol']),
    rule(['probes'], (inputs) => objects(inputs, 'probes').map(probeFault).find((fault) => fault !== undefined)),
    rule([...partLists], (inputs) => {
      const twice = partLists.find((list) => new Set(objects(inputs, list).map(({ name }) => name)).size < objects(inputs, list).length);
      return twice === undefined ? undefined : `names in ${twice} must differ`;
    }),
    rule(['frontendIPConfigurations'], (inputs) => {
      const frontends = objects(inputs, 'frontendIPConfigurations');
      if (frontends.some((frontend) => (frontend['subnet'] === undefined) === (frontend['publicIPAddress'] === undefined))) return 'each frontend has exactly one of subnet, publicIPAddress';
      return frontends.some(({ subnet }) => subnet !== undefined) && frontends.some(({ subnet }) => subnet === undefined) ? 'a load balancer is internal or public, not both' : undefined;
    }),
  ],
  references: [refers('frontendIPConfigurations[].subnet.id', tokens.subnet), refers('frontendIPConfigurations[].publicIPAddress.id', tokens.publicIpAddress)],
  admit(request) {
    requireOwnParts(request);
    requireDistinctRules(request);
    requireFrontends(request);
  },
  computed: (request, id) => ({ resourceGuid: randomUUID(), ...partsOf(request, id) }),
  recomputed: (request, existing) => partsOf(request, existing.id),
  volatile: [...partLists],
  unforeseen: ['frontendIPConfigurations[].privateIPAddress'],
  blocker(item, cloud) {
    const path = 'virtualMachineProfile.networkProfile.networkInterfaceConfigurations[].ipConfigurations[].loadBalancerBackendAddressPools[].id';
    const user = objects(item.outputs, 'backendAddressPools').flatMap((pool) => usersOf(text(pool, 'id') ?? '', cloud, tokens.virtualMachineScaleSet, path))[0];
    if (user === undefined) return undefined;
    return new AzureError('LoadBalancerInUseByVirtualMachineScaleSet', `Cannot delete load balancer ${item.id} since its child resources are in use by virtual machine scale set ${user.id}.`);
  },
  afterDelete(item, cloud) {
    for (const frontend of objects(item.outputs, 'frontendIPConfigurations')) cloud.addresses.release(text(frontend, 'id') ?? '');
  },
});

/** Rules name parts of the same load balancer, by ids that the program has to put together itself. */
function requireOwnParts({ inputs }: Request): void {
  for (const [list, path, target] of ruleReferences) {
    for (const { value } of objects(inputs, list).flatMap((member) => select(member, path))) {
      const id = typeof value === 'string' ? value : '';
      const [, balancer, kind, name] = /\/loadBalancers\/([^/]+)\/([^/]+)\/([^/]+)$/i.exec(id) ?? [];
      const own = balancer?.toLowerCase() === text(inputs, 'loadBalancerName')?.toLowerCase() && kind?.toLowerCase() === target.toLowerCase();
      if (!own || !objects(inputs, target).some((part) => text(part, 'name')?.toLowerCase() === name?.toLowerCase())) throw notFound(id);
    }
  }
}

function requireDistinctRules({ inputs }: Request): void {
  const rules = objects(inputs, 'loadBalancingRules');
  const frontends = rules.map((one) => JSON.stringify([object(one, 'frontendIPConfiguration')['id'], one['protocol'], one['frontendPort']]).toLowerCase());
  const backends = rules.map((one, index) => (flag(one, 'enableFloatingIP') ? `floating ${index}` : JSON.stringify([object(one, 'backendAddressPool')['id'], one['protocol'], one['backendPort']]).toLowerCase()));
  for (const [code, keys] of [['RulesOfSameLoadBalancerTypeUseSameFrontendPortProtocolAndIPConfig', frontends], ['RulesUseSameBackendPortProtocolAndPool', backends]] as const) {
    const twin = keys.findIndex((key, index) => keys.indexOf(key) !== index);
    if (twin >= 0) {
      throw new AzureError(code, `Load balancing rules ${text(rules[keys.indexOf(keys[twin] ?? '')] ?? {}, 'name') ?? ''} and ${text(rules[twin] ?? {}, 'name') ?? ''} belong to the same load balancer and use the same ports, protocol and configuration.`);
    }
  }
}

function requireFrontends({ inputs, cloud, existing }: Request): void {
  const own = text(inputs, 'loadBalancerName') ?? '';
  for (const frontend of objects(inputs, 'frontendIPConfigurations')) {
    const subnet = lookUp(cloud, tokens.subnet, text(object(frontend, 'subnet'), 'id') ?? '');
    const address = text(frontend, 'privateIPAddress');
    if (text(frontend, 'privateIPAllocationMethod') === 'Static' && subnet !== undefined && address !== undefined) requireAddress(cloud, subnet, address, existing?.id ?? own);
    const publicId = text(object(frontend, 'publicIPAddress'), 'id');
    const holder = publicId === undefined ? undefined : [...usersOf(publicId, cloud, tokens.natGateway, 'publicIpAddresses[].id'), ...usersOf(publicId, cloud, tokens.loadBalancer, 'frontendIPConfigurations[].publicIPAddress.id')].find(({ id }) => id !== existing?.id);
    if (holder !== undefined) {
      throw new AzureError('PublicIPAddressInUse', `Resource ${own} is referencing public IP address ${publicId ?? ''} that is already allocated to resource ${holder.id}.`);
    }
  }
}

/** The lists with ids, and the frontends with their addresses, which stay as long as the frontend does. */
function partsOf({ inputs, cloud, existing }: Request, id: string): PropertyMap {
  const parts = partLists.map((list): [string, PropertyMap[]] => [list, objects(inputs, list).map((part) => ({ ...part, id: `${id}/${list}/${text(part, 'name') ?? ''}`, provisioningState: 'Succeeded' }))]);
  const withIds = Object.fromEntries(parts);
  const gone = objects(existing?.outputs ?? {}, 'frontendIPConfigurations').filter((before) => !(withIds['frontendIPConfigurations'] ?? []).some((now) => now['id'] === before['id']));
  for (const frontend of gone) cloud.addresses.release(text(frontend, 'id') ?? '');
  const taken = new Set<string>();
  return {
    ...withIds,
    frontendIPConfigurations: (withIds['frontendIPConfigurations'] ?? []).map((frontend) => {
      if (frontend['subnet'] === undefined || text(frontend, 'privateIPAllocationMethod') === 'Static') return frontend;
      const before = objects(existing?.outputs ?? {}, 'frontendIPConfigurations').find((other) => other['id'] === frontend['id']);
      const subnet = lookUp(cloud, tokens.subnet, text(object(frontend, 'subnet'), 'id') ?? '');
      const subnetAddress = text(before ?? {}, 'subnetAddress') ?? (subnet === undefined ? '' : freeAddress(cloud, subnet, taken));
      taken.add(subnetAddress);
      // A loopback address stands in for the subnet's that Azure would choose: things can listen there. The subnet's is noted beside it, for machines in the network.
      return { privateIPAllocationMethod: 'Dynamic', ...frontend, subnetAddress, privateIPAddress: text(before ?? {}, 'privateIPAddress') ?? cloud.addresses.take(text(frontend, 'id') ?? '') };
    }),
  };
}

export const networkInterface: ResourceType = arm({
  token: tokens.networkInterface,
  path: 'Microsoft.Network/networkInterfaces/{networkInterfaceName}',
  name: networkName,
  latency: { create: 2, update: 2, delete: 5 },
  defaults: { enableAcceleratedNetworking: false, enableIPForwarding: false, disableTcpStateTracking: false },
  checks: [
    oneOf('ipConfigurations[].privateIPAllocationMethod', ['Dynamic', 'Static']),
    rule(['ipConfigurations'], (inputs) => {
      if (objects(inputs, 'ipConfigurations').length === 0) return 'a network interface needs an IP configuration';
      return objects(inputs, 'ipConfigurations').some((one) => one['privateIPAllocationMethod'] === 'Static' && one['privateIPAddress'] === undefined) ? 'a static address must be given as privateIPAddress' : undefined;
    }),
  ],
  references: [
    refers('ipConfigurations[].subnet.id', tokens.subnet),
    refers('ipConfigurations[].publicIPAddress.id', tokens.publicIpAddress),
    refers('networkSecurityGroup.id', tokens.networkSecurityGroup),
  ],
  admit(request) {
    const { inputs, cloud, existing } = request;
    requireParts(request, 'ipConfigurations[].loadBalancerBackendAddressPools[].id', tokens.loadBalancer);
    for (const configuration of objects(inputs, 'ipConfigurations')) {
      const subnet = lookUp(cloud, tokens.subnet, text(object(configuration, 'subnet'), 'id') ?? '');
      const address = text(configuration, 'privateIPAddress');
      if (subnet === undefined) {
        throw new AzureError('NetworkInterfaceIpConfigurationMustHaveSubnet', `IP configuration ${text(configuration, 'name') ?? ''} of network interface ${text(inputs, 'networkInterfaceName') ?? ''} must have a subnet.`);
      }
      if (text(configuration, 'privateIPAllocationMethod') === 'Static' && address !== undefined) requireAddress(cloud, subnet, address, existing?.id ?? '');
    }
  },
  computed: (request, id) => ({ resourceGuid: randomUUID(), macAddress: macAddress(), ipConfigurations: configurationsOf(request, id) }),
  recomputed: (request, existing) => ({ ipConfigurations: configurationsOf(request, existing.id) }),
  volatile: ['ipConfigurations'],
  blocker(item, cloud) {
    const [user] = usersOf(item.id, cloud, tokens.virtualMachine, 'networkProfile.networkInterfaces[].id');
    if (user !== undefined) {
      return new AzureError('NicInUse', `Network Interface ${item.id} is used by existing resource ${user.id}. In order to delete the network interface, it must be dissociated from the resource. To learn more, see aka.ms/deletenic.`);
    }
    const [endpoint] = usersOf(item.id, cloud, tokens.privateEndpoint, 'networkInterfaces[].id');
    if (endpoint === undefined) return undefined;
    return new AzureError('CannotDeleteNicOfPrivateEndpoint', `Network interface ${item.id} cannot be deleted, as it belongs to private endpoint ${nameOf(endpoint.id)}.`);
  },
});

function macAddress(): string {
  return `00-0D-3A-${randomUUID().slice(0, 6).toUpperCase().replace(/(..)(..)(..)/, '$1-$2-$3')}`;
}

/** IP configurations with their ids and addresses; a dynamic address stays while the subnet does. */
function configurationsOf({ inputs, cloud, existing }: Request, id: string): PropertyMap[] {
  const taken = new Set<string>();
  return objects(inputs, 'ipConfigurations').map((configuration, index) => {
    const before = objects(existing?.outputs ?? {}, 'ipConfigurations').find((other) => text(other, 'name') === text(configuration, 'name') && sameId(text(object(other, 'subnet'), 'id'), text(object(configuration, 'subnet'), 'id')));
    const subnet = lookUp(cloud, tokens.subnet, text(object(configuration, 'subnet'), 'id') ?? '');
    const method = text(configuration, 'privateIPAllocationMethod') ?? 'Dynamic';
    const kept = method === 'Static' ? text(configuration, 'privateIPAddress') : text(before ?? {}, 'privateIPAddress');
    const privateIPAddress = kept ?? (subnet === undefined ? '' : freeAddress(cloud, subnet, taken));
    taken.add(privateIPAddress);
    return { primary: index === 0, ...configuration, id: `${id}/ipConfigurations/${text(configuration, 'name') ?? ''}`, privateIPAllocationMethod: method, privateIPAddress, provisioningState: 'Succeeded' };
  });
}
