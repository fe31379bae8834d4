import type { Policy, Rule } from '../../hosts/firewall.js';
import type { Item } from '../../inventory/item.js';
import { number, text } from '../../provider/properties.js';
import type { Cloud } from '../cloud.js';
import * as tokens from '../types/tokens.js';

/** Something in a network that security groups hold for. */
export interface Member {
  readonly address: string;
  readonly groups: readonly string[];
}

/** What security groups let through. Members of the same groups share a policy: what one of their groups allows is allowed. */
export function policiesOf(cloud: Cloud, members: readonly Member[]): Policy[] {
  const alike = new Map<string, Member[]>();
  for (const member of members) {
    const key = [...member.groups].sort().join(' ');
    alike.set(key, [...(alike.get(key) ?? []), member]);
  }
  return [...alike.values()].map((same) => {
    const groups = same[0]?.groups ?? [];
    return {
      members: same.map(({ address }) => address),
      inbound: groups.flatMap((group) => rulesOf(cloud, group, tokens.ingressRule, members)),
      outbound: groups.flatMap((group) => rulesOf(cloud, group, tokens.egressRule, members)),
    };
  });
}

function rulesOf({ inventory }: Cloud, id: string, type: string, members: readonly Member[]): Rule[] {
  const group = inventory.get(tokens.securityGroup, id);
  if (group === undefined) return [];
  return inventory.childrenOf(group, type).flatMap(({ outputs }: Item) => {
    const protocol = protocols[text(outputs, 'ipProtocol') ?? ''];
    if (protocol === undefined) return [];
    const [cidr, peer] = [text(outputs, 'cidrIpv4'), text(outputs, 'referencedSecurityGroupId')];
    const peers = cidr !== undefined ? [cidr] : members.filter(({ groups }) => peer !== undefined && groups.includes(peer)).map(({ address }) => address);
    const [from, to] = [number(outputs, 'fromPort'), number(outputs, 'toPort')];
    const ports = protocol === 'tcp' || protocol === 'udp' ? ([from ?? 0, to ?? 65_535] as const) : null;
    return [{ allow: true, protocol, ports, peers }];
  });
}

const protocols: Readonly<Record<string, Rule['protocol']>> = { '-1': 'any', all: 'any', tcp: 'tcp', udp: 'udp', icmp: 'icmp' };
