import { randomUUID } from 'node:crypto';
import type { Item } from '../../inventory/item.js';
import type { PropertyMap } from '../../protocol/values.js';
import { length, rule } from '../../provider/checks.js';
import { list, object, objects, text, texts } from '../../provider/properties.js';
import { freeAddress } from '../addresses.js';
import { arm, networkName } from '../arm.js';
import { anyWithId, lookUp, type Cloud } from '../cloud.js';
import { AzureError } from '../errors.js';
import { groupId, groupOf, nameOf } from '../ids.js';
import type { ResourceType } from '../resource-type.js';
import { notFound, referred, refers } from './references.js';
import * as tokens from './tokens.js';

/** The public name that a private endpoint takes over, by type and group id. https://learn.microsoft.com/azure/private-link/private-endpoint-dns */
const services: Readonly<Record<string, Readonly<Record<string, (name: string) => string>>>> = {
  [tokens.vault]: { vault: (name) => `${name}.vault.azure.net` },
  [tokens.storageAccount]: { blob: (name) => `${name}.blob.core.windows.net` },
};

function connectionsOf(inputs: PropertyMap): PropertyMap[] {
  return objects(inputs, 'privateLinkServiceConnections');
}

export const privateEndpoint: ResourceType = arm({
  token: tokens.privateEndpoint,
  path: 'Microsoft.Network/privateEndpoints/{privateEndpointName}',
  name: { ...networkName, least: 2, most: 64 },
  latency: { create: 30, update: 10, delete: 30 },
  replaces: ['subnet'],
  checks: [
    length('customNetworkInterfaceName', 1, 80),
    rule(['privateLinkServiceConnections', 'manualPrivateLinkServiceConnections'], (inputs) => {
      const one = list(inputs, 'privateLinkServiceConnections').length === 1 && inputs['manualPrivateLinkServiceConnections'] === undefined;
      return one ? undefined : 'the sandbox imitates private endpoints with one privateLinkServiceConnection only';
    }),
  ],
  references: [refers('subnet.id', tokens.subnet)],
  admit({ inputs, cloud }) {
    for (const connection of connectionsOf(inputs)) {
      const target = anyWithId(cloud, text(connection, 'privateLinkServiceId') ?? '');
      if (target === undefined) throw notFound(text(connection, 'privateLinkServiceId') ?? '');
      const groups = Object.keys(services[target.type] ?? {});
      const wrong = texts(connection, 'groupIds').find((group) => !groups.includes(group));
      if (wrong !== undefined || texts(connection, 'groupIds').length !== 1) {
        throw new AzureError('PrivateEndpointCannotBeCreatedWithGroupId', `Call to ${target.type} failed. Group Id ${wrong ?? '(none)'} is not supported by ${target.id}. Supported: ${groups.join(', ')}.`);
      }
    }
  },
  computed(request, id) {
    const subnet = referred(request, 'subnet.id', tokens.subnet);
    const [connection = {}] = connectionsOf(request.inputs);
    const target = anyWithId(request.cloud, text(connection, 'privateLinkServiceId') ?? '');
    const fqdn = services[target?.type ?? '']?.[texts(connection, 'groupIds')[0] ?? '']?.(nameOf(target?.id ?? '')) ?? '';
    return {
      networkInterfaces: [{ id: interfaceId(request.inputs, id) }],
      customDnsConfigs: [{ fqdn, ipAddresses: subnet === undefined ? [] : [freeAddress(request.cloud, subnet)] }],
      privateLinkServiceConnections: [{
        ...connection,
        id: `${id}/privateLinkServiceConnections/${text(connection, 'name') ?? ''}`,
        privateLinkServiceConnectionState: { status: 'Approved', description: 'Auto-Approved', actionsRequired: 'None' },
      }],
      manualPrivateLinkServiceConnections: [],
    };
  },
  recomputed: (_request, { outputs }) => Object.fromEntries(['networkInterfaces', 'customDnsConfigs', 'privateLinkServiceConnections'].map((name) => [name, list(outputs, name)])),
  // Its network interface comes and goes with it.
  afterCreate(item, cloud) {
    const [configuration = {}] = objects(item.outputs, 'customDnsConfigs');
    const id = text(objects(item.outputs, 'networkInterfaces')[0] ?? {}, 'id') ?? '';
    const name = 'privateEndpointIpConfig';
    const privateIPAddress = texts(configuration, 'ipAddresses')[0] ?? '';
    const ipConfigurations = [{ name, id: `${id}/ipConfigurations/${name}`, subnet: object(item.outputs, 'subnet'), privateIPAllocationMethod: 'Dynamic', privateIPAddress, primary: true }];
    cloud.inventory.create({
      ...item,
      type: tokens.networkInterface,
      id,
      parent: { type: item.type, id: item.id },
      inputs: {},
      outputs: {
        name: nameOf(id),
        type: 'Microsoft.Network/networkInterfaces',
        location: item.region ?? '',
        provisioningState: 'Succeeded',
        ipConfigurations,
        privateEndpoint: { id: item.id },
        tags: object(item.outputs, 'tags'),
      },
    });
  },
});

function interfaceId(inputs: PropertyMap, id: string): string {
  const name = text(inputs, 'customNetworkInterfaceName') ?? `${nameOf(id)}.nic.${randomUUID()}`;
  return `${groupId(groupOf(id) ?? '')}/providers/Microsoft.Network/networkInterfaces/${name}`;
}

/** Writes the endpoint's address into the zones that it names, under the first label of the public name. */
export const privateDnsZoneGroup: ResourceType = arm({
  token: tokens.privateDnsZoneGroup,
  path: 'Microsoft.Network/privateEndpoints/{privateEndpointName}/privateDnsZoneGroups/{privateDnsZoneGroupName}',
  inside: tokens.privateEndpoint,
  name: networkName,
  latency: { create: 12, update: 10, delete: 12 },
  references: [refers('privateDnsZoneConfigs[].privateDnsZoneId', tokens.privateZone)],
  admit({ cloud, inputs, existing }, endpoint) {
    const other = cloud.inventory.childrenOf(endpoint, tokens.privateDnsZoneGroup).find(({ id }) => id !== existing?.id && nameOf(id) !== text(inputs, 'privateDnsZoneGroupName'));
    if (other !== undefined) {
      throw new AzureError('PrivateDnsZoneGroupLimitExceeded', `Private endpoint ${endpoint.id} already has the private DNS zone group ${nameOf(other.id)}; one is allowed.`);
    }
  },
  computed: ({ inputs }) => ({ name: text(inputs, 'privateDnsZoneGroupName') ?? '' }),
  afterCreate: (item, cloud) => writeRecords(item, cloud),
  afterDelete(item, cloud) {
    for (const record of cloud.inventory.ofType(tokens.privateRecordSet)) if (text(object(record.outputs, 'metadata'), 'creator') === creator(item)) cloud.inventory.delete(record);
  },
});

function creator(group: Item): string {
  return `created by private endpoint ${nameOf(group.id.split('/privateDnsZoneGroups/')[0] ?? '')} with zone group ${group.id}`;
}

function writeRecords(group: Item, cloud: Cloud): void {
  const endpoint = lookUp(cloud, tokens.privateEndpoint, group.parent?.id ?? '');
  const zones = objects(group.outputs, 'privateDnsZoneConfigs').flatMap((one) => lookUp(cloud, tokens.privateZone, text(one, 'privateDnsZoneId') ?? '') ?? []);
  for (const zone of zones) {
    for (const configuration of objects(endpoint?.outputs ?? {}, 'customDnsConfigs')) {
      const label = (text(configuration, 'fqdn') ?? '').split('.')[0] ?? '';
      const id = `${zone.id}/A/${label}`;
      if (lookUp(cloud, tokens.privateRecordSet, id) !== undefined) continue;
      cloud.inventory.create({
        ...group,
        type: tokens.privateRecordSet,
        id,
        parent: { type: zone.type, id: zone.id },
        region: null,
        inputs: {},
        outputs: {
          name: label,
          type: 'Microsoft.Network/privateDnsZones/A',
          ttl: 10,
          aRecords: texts(configuration, 'ipAddresses').map((ipv4Address) => ({ ipv4Address })),
          fqdn: `${label}.${nameOf(zone.id)}.`,
          metadata: { creator: creator(group) },
        },
      });
    }
  }
}
