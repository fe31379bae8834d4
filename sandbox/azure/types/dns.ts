import { length, oneOf, pattern, range, rule } from '../../provider/checks.js';
import { flag, object, text } from '../../provider/properties.js';
import { arm, networkName } from '../arm.js';
import { AzureError } from '../errors.js';
import { nameOf } from '../ids.js';
import type { ResourceType } from '../resource-type.js';
import { referred, refers, sameId } from './references.js';
import * as tokens from './tokens.js';

const global = pattern('location', /^global$/i, 'be Global');

export const privateZone: ResourceType = arm({
  token: tokens.privateZone,
  path: 'Microsoft.Network/privateDnsZones/{privateZoneName}',
  name: { least: 1, most: 253, form: /^([\w-]{1,63}\.){1,33}[\w-]{1,63}$/, meaning: 'have 2 to 34 labels of letters, digits, _ and -' },
  latency: { create: 32, update: 5, delete: 32 },
  checks: [global],
  computed: () => ({ maxNumberOfRecordSets: 25_000, maxNumberOfVirtualNetworkLinks: 1000, maxNumberOfVirtualNetworkLinksWithRegistration: 100 }),
  blocker(item, cloud) {
    const [link] = cloud.inventory.childrenOf(item, tokens.virtualNetworkLink);
    return link === undefined ? undefined : new AzureError('CannotDeleteResource', `Can not delete resource before nested resources are deleted: ${link.id}`, 409);
  },
});

export const virtualNetworkLink: ResourceType = arm({
  token: tokens.virtualNetworkLink,
  path: 'Microsoft.Network/privateDnsZones/{privateZoneName}/virtualNetworkLinks/{virtualNetworkLinkName}',
  inside: tokens.privateZone,
  name: networkName,
  latency: { create: 32, update: 5, delete: 32 },
  defaults: { registrationEnabled: false },
  checks: [global, oneOf('resolutionPolicy', ['Default', 'NxDomainRedirect'])],
  references: [refers('virtualNetwork.id', tokens.virtualNetwork)],
  admit(request, zone) {
    const { cloud, inputs, existing } = request;
    const network = referred(request, 'virtualNetwork.id', tokens.virtualNetwork);
    const before = text(object(existing?.outputs ?? {}, 'virtualNetwork'), 'id');
    if (existing !== undefined && !sameId(before, network?.id)) throw new AzureError('BadRequest', 'The virtual network of a virtual network link cannot be changed.');
    const links = cloud.inventory.ofType(tokens.virtualNetworkLink).filter((link) => link.id !== existing?.id && sameId(text(object(link.outputs, 'virtualNetwork'), 'id'), network?.id));
    // By zone and name: a zone of the same name elsewhere would leave the network with two answers.
    const clash = links.find((link) => sameId(nameOf(link.parent?.id ?? ''), nameOf(zone.id)));
    if (clash !== undefined) {
      throw new AzureError('Conflict', `A virtual network cannot be linked to multiple zones with overlapping namespaces. You tried to link virtual network ${network?.id ?? ''} with '${nameOf(zone.id)}' and '${nameOf(zone.id)}' zones (${clash.id}).`, 409);
    }
    if (flag(inputs, 'registrationEnabled') && links.some((link) => flag(link.outputs, 'registrationEnabled'))) {
      throw new AzureError('Conflict', 'A virtual network can only be linked to 1 Private DNS zone(s) with auto-registration enabled.', 409);
    }
  },
  computed: () => ({ virtualNetworkLinkState: 'Completed' }),
});

const recordLists: Readonly<Record<string, string>> = { A: 'aRecords', AAAA: 'aaaaRecords', CNAME: 'cnameRecord', MX: 'mxRecords', PTR: 'ptrRecords', SOA: 'soaRecord', SRV: 'srvRecords', TXT: 'txtRecords' };

export const privateRecordSet: ResourceType = arm({
  token: tokens.privateRecordSet,
  path: 'Microsoft.Network/privateDnsZones/{privateZoneName}/{recordType}/{relativeRecordSetName}',
  inside: tokens.privateZone,
  name: { least: 1, most: 253, form: /^(@|(\*\.)?[\w-]{1,63}(\.[\w-]{1,63})*|\*)$/, meaning: 'be @ or labels of letters, digits, _ and -' },
  latency: { create: 2, update: 2, delete: 2 },
  checks: [
    oneOf('recordType', Object.keys(recordLists)),
    length('aRecords', 1, 20),
    range('ttl', 1, 2_147_483_647),
    pattern('aRecords[].ipv4Address', /^\d{1,3}(\.\d{1,3}){3}$/, 'be an IPv4 address'),
    rule(['recordType', 'ttl', ...Object.values(recordLists)], (inputs) => {
      const list = recordLists[text(inputs, 'recordType') ?? ''];
      if (inputs['ttl'] === undefined) return 'a record set needs a ttl';
      return list === undefined || inputs[list] !== undefined ? undefined : `a record set of type ${text(inputs, 'recordType') ?? ''} needs ${list}`;
    }),
  ],
  admit({ cloud, inputs, existing }, zone) {
    const id = `${zone.id}/${text(inputs, 'recordType') ?? ''}/${text(inputs, 'relativeRecordSetName') ?? ''}`;
    const alias = cloud.inventory.childrenOf(zone, tokens.privateRecordSet).find((other) => other.id !== existing?.id && nameOf(other.id) === nameOf(id) && (text(inputs, 'recordType') === 'CNAME') !== other.id.includes('/CNAME/'));
    if (alias !== undefined) throw new AzureError('BadRequest', `The record set ${nameOf(id)} cannot be created: a CNAME excludes record sets of other types with the same name.`);
  },
  computed: ({ inputs }) => ({ type: `Microsoft.Network/privateDnsZones/${text(inputs, 'recordType') ?? ''}`, fqdn: `${text(inputs, 'relativeRecordSetName') ?? ''}.${text(inputs, 'privateZoneName') ?? ''}.`, isAutoRegistered: false }),
  recomputed: ({ inputs }) => ({ type: `Microsoft.Network/privateDnsZones/${text(inputs, 'recordType') ?? ''}` }),
});
