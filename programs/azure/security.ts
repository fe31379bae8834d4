import { NetworkSecurityGroup } from '@pulumi/azure-native/network/networkSecurityGroup.js';
import { SecurityRule as SecurityRuleResource } from '@pulumi/azure-native/network/securityRule.js';
import type * as pulumi from '@pulumi/pulumi';
import type { Context } from './context.js';
import { nodeGroups, securityGroups, securityRules, type Peer, type SecurityGroupName, type SecurityRule } from './security-rules.js';
import { subnetLayout, type Layout } from './subnet-layout.js';

/** The network security groups and their rules. */
export interface Security {
  /** Id of a group. */
  readonly group: (name: SecurityGroupName) => pulumi.Output<string>;
  /** A machine that boots before its rules finds no packages. */
  readonly rules: readonly pulumi.Resource[];
}

const protocols = { tcp: 'Tcp', udp: 'Udp', icmp: 'Icmp', '*': '*' } as const;
const names = Object.keys(securityGroups) as SecurityGroupName[];

/**
 * Groups of the cluster with their rules, each a resource of its own: one changed port is one change, and the rules that the cloud controller adds for
 * services stay when a group is updated.
 */
export function security(context: Context): Security {
  const { spec, account, options, place, tags, physical } = context;
  const groups = Object.fromEntries(names.map((name) => {
    const part = `security-group-${name}`;
    return [name, new NetworkSecurityGroup(part, { ...place, networkSecurityGroupName: physical(part), tags: tags(part) }, options)];
  })) as Record<SecurityGroupName, NetworkSecurityGroup>;

  const layout = subnetLayout(spec.network.cidr);
  const rules = securityRules(spec, account).flatMap((rule) => (rule.group === 'nodes' ? nodeGroups : [rule.group]).map((name) => {
    const { resourceGroupName } = place;
    return new SecurityRuleResource(`${name}-${rule.direction}-${rule.name}`, { resourceGroupName, networkSecurityGroupName: groups[name].name, ...ruleArguments(rule, layout) }, options);
  }));
  return { group: (name) => groups[name].id, rules };
}

function ruleArguments({ name, direction, access, priority, protocol, ports, peer, description }: SecurityRule, layout: Layout) {
  const inwards = direction === 'in';
  const prefixes = prefixesOf(peer, layout);
  return {
    securityRuleName: `${direction}-${name}`,
    priority,
    access,
    direction: inwards ? 'Inbound' : 'Outbound',
    protocol: protocols[protocol],
    sourcePortRange: '*',
    destinationPortRange: ports,
    // Azure takes one prefix or tag in one property, and several prefixes in another.
    ...(inwards ? { destinationAddressPrefix: '*' } : { sourceAddressPrefix: '*' }),
    ...(typeof prefixes === 'string'
      ? { [inwards ? 'sourceAddressPrefix' : 'destinationAddressPrefix']: prefixes }
      : { [inwards ? 'sourceAddressPrefixes' : 'destinationAddressPrefixes']: [...prefixes] }),
    description,
  };
}

function prefixesOf(peer: Peer, { controlPlane, workers, endpoints }: Layout): string | readonly string[] {
  if ('tag' in peer) return peer.tag;
  if ('cidrs' in peer) return single(peer.cidrs);
  return single({ 'control-plane': [controlPlane], workers: [workers], endpoints: [endpoints], nodes: [controlPlane, workers] }[peer.group]);
}

function single(prefixes: readonly string[]): string | readonly string[] {
  const [first, ...others] = prefixes;
  return first !== undefined && others.length === 0 ? first : prefixes;
}
