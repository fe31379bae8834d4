import type { Policy, Rule } from '../../hosts/firewall.js';
import type { PropertyMap } from '../../protocol/values.js';
import { Cidr } from '../../provider/cidr.js';
import { number, text, texts } from '../../provider/properties.js';
import { lookUp, type Cloud } from '../cloud.js';
import * as tokens from '../types/tokens.js';

/**
 * Where Azure's own comes from inside a network: health probes, and the answers of its name server.
 * https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
 */
export const platformAddress = '168.63.129.16';

/** Something with an address in a network, and the ids of the security groups that it must pass: its subnet's and its interface's. */
export interface Member {
  readonly address: string;
  readonly groups: readonly string[];
}

/** A rule of a security group: for whom in the network it is, and what it says. */
interface Entry {
  readonly inbound: boolean;
  /** Ranges of the members that it is for. */
  readonly own: readonly string[];
  readonly rules: readonly Rule[];
}

/** What every group ends with; the last of them, which denies everything, is what is done where no rule fits. https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview#default-security-rules */
const defaultRules: readonly PropertyMap[] = [
  { direction: 'Inbound', sourceAddressPrefix: 'VirtualNetwork', destinationAddressPrefix: 'VirtualNetwork' },
  { direction: 'Inbound', sourceAddressPrefix: 'AzureLoadBalancer', destinationAddressPrefix: '*' },
  { direction: 'Outbound', sourceAddressPrefix: 'VirtualNetwork', destinationAddressPrefix: 'VirtualNetwork' },
  { direction: 'Outbound', sourceAddressPrefix: '*', destinationAddressPrefix: 'Internet' },
].map((rule) => ({ access: 'Allow', protocol: '*', destinationPortRange: '*', ...rule }));

const everywhere = '0.0.0.0/0';

/**
 * What security groups let through, group by group. Members that the same of its rules are for share a policy.
 * @param ranges of the network and of those that it is peered with: what the tag VirtualNetwork stands for
 */
export function policiesOf(cloud: Cloud, members: readonly Member[], ranges: readonly Cidr[]): Policy[] {
  const groups = new Set(members.flatMap((member) => member.groups));
  return [...groups].flatMap((group) => {
    const entries = entriesOf(cloud, group, ranges);
    const alike = new Map<string, { readonly held: readonly Entry[]; readonly addresses: string[] }>();
    for (const { address, groups: own } of members) {
      if (!own.includes(group)) continue;
      const held = entries.filter((entry) => entry.own.some((range) => holds(range, address)));
      const key = held.map((entry) => entries.indexOf(entry)).join(' ');
      const same = alike.get(key) ?? { held, addresses: [] };
      same.addresses.push(address);
      alike.set(key, same);
    }
    return [...alike.values()].map(({ held, addresses }) => ({
      members: addresses,
      inbound: held.filter(({ inbound }) => inbound).flatMap(({ rules }) => rules),
      outbound: held.filter(({ inbound }) => !inbound).flatMap(({ rules }) => rules),
    }));
  });
}

/** A group's rules in the order in which they are looked at. */
function entriesOf(cloud: Cloud, id: string, ranges: readonly Cidr[]): Entry[] {
  const group = lookUp(cloud, tokens.networkSecurityGroup, id);
  const given = group === undefined ? [] : cloud.inventory.childrenOf(group, tokens.securityRule).map(({ outputs }) => outputs);
  const ordered = given.sort((one, other) => (number(one, 'priority') ?? 0) - (number(other, 'priority') ?? 0));
  return [...ordered, ...defaultRules].map((rule) => {
    const inbound = text(rule, 'direction') === 'Inbound';
    const ends = { source: either(rule, 'sourceAddressPrefix', 'sourceAddressPrefixes'), destination: either(rule, 'destinationAddressPrefix', 'destinationAddressPrefixes') };
    const [own, peers] = (inbound ? [ends.destination, ends.source] : [ends.source, ends.destination]).map((prefixes) => prefixes.flatMap((prefix) => rangesOf(prefix, ranges)));
    return { inbound, own: own ?? [], rules: rulesOf(rule, peers ?? []) };
  });
}

/** Azure has one property for a single value and another for several. */
function either(rule: PropertyMap, one: string, several: string): string[] {
  return [text(rule, one) ?? [], texts(rule, several)].flat();
}

function rulesOf(rule: PropertyMap, peers: readonly string[]): Rule[] {
  const allow = text(rule, 'access') === 'Allow';
  const named = protocols[text(rule, 'protocol') ?? ''] ?? 'any';
  return either(rule, 'destinationPortRange', 'destinationPortRanges').flatMap((range): Rule[] => {
    const [from = 0, to = from] = range === '*' ? [] : range.split('-').map(Number);
    if (range === '*' || (named !== 'any' && named !== 'tcp' && named !== 'udp')) return [{ allow, protocol: named, ports: null, peers }];
    // Only these two have ports.
    return (named === 'any' ? (['tcp', 'udp'] as const) : [named]).map((protocol) => ({ allow, protocol, ports: [from, to], peers }));
  });
}

const protocols: Readonly<Record<string, Rule['protocol']>> = { '*': 'any', Tcp: 'tcp', Udp: 'udp', Icmp: 'icmp', Esp: 'esp', Ah: 'ah' };

/**
 * What an address prefix or a service tag stands for. Tags of single services stand for nobody here.
 * https://learn.microsoft.com/azure/virtual-network/service-tags-overview
 */
function rangesOf(prefix: string, network: readonly Cidr[]): string[] {
  switch (prefix) {
    case '*':
      return [everywhere];
    case 'VirtualNetwork':
      return [...network.map((range) => range.text), `${platformAddress}/32`];
    case 'AzureLoadBalancer':
      return [`${platformAddress}/32`];
    case 'Internet':
      return without(everywhere, rangesOf('VirtualNetwork', network).flatMap((range) => Cidr.parse(range) ?? []));
    default: {
      const range = Cidr.parse(prefix.includes('/') ? prefix : `${prefix}/32`);
      return range === undefined ? [] : [range.text];
    }
  }
}

/** The ranges of a whole that are left without its holes. */
function without(whole: string, holes: readonly Cidr[]): string[] {
  const range = Cidr.parse(whole);
  if (range === undefined || holes.some((hole) => hole.contains(range))) return [];
  if (!holes.some((hole) => hole.overlaps(range))) return [range.text];
  return [0, range.size / 2].flatMap((offset) => without(`${range.at(offset)}/${range.prefix + 1}`, holes));
}

function holds(range: string, address: string): boolean {
  const single = Cidr.parse(`${address}/32`);
  return single !== undefined && Cidr.parse(range)?.contains(single) === true;
}
