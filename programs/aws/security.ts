import { DefaultSecurityGroup } from '@pulumi/aws/ec2/defaultSecurityGroup.js';
import { SecurityGroup } from '@pulumi/aws/ec2/securityGroup.js';
import { SecurityGroupEgressRule } from '@pulumi/aws/vpc/securityGroupEgressRule.js';
import { SecurityGroupIngressRule } from '@pulumi/aws/vpc/securityGroupIngressRule.js';
import type * as pulumi from '@pulumi/pulumi';
import { ownershipTag, type Context } from './context.js';
import type { Network } from './network.js';
import { neededGroups, securityGroups, securityRules, type SecurityGroupName, type SecurityRule } from './security-rules.js';

/** The security groups and their rules. */
export interface Security {
  /** Id of a group. Asking for one that the spec does not call for throws. */
  readonly group: (name: SecurityGroupName) => pulumi.Output<string>;
  /** A machine that boots before its rules finds no packages. */
  readonly rules: readonly pulumi.Resource[];
}

/** Groups of the cluster with their rules, each a resource of its own: groups may point at each other, and one changed port is one change. */
export function security(context: Context, { vpc }: Network): Security {
  const { spec, account, options, tags, physical } = context;
  // Without rules of its own the VPC's default group would let everything in it talk to everything.
  new DefaultSecurityGroup('security-group-default', { vpcId: vpc.id, ingress: [], egress: [], tags: tags('security-group-default') }, options);

  const groups = new Map(neededGroups(spec).map((name) => [name, new SecurityGroup(`security-group-${name}`, {
    name: physical(name),
    description: securityGroups[name],
    vpcId: vpc.id,
    // The cloud controller wants exactly one tagged group on each machine; every machine is in "nodes".
    tags: tags(`security-group-${name}`, name === 'nodes' ? ownershipTag(spec.name) : {}),
  }, options)]));
  const group = (name: SecurityGroupName): pulumi.Output<string> => {
    const found = groups.get(name);
    if (!found) throw new RangeError(`the cluster has no security group "${name}"`);
    return found.id;
  };

  const rules = securityRules(spec, account).map((rule) => {
    const name = `${rule.group}-${rule.direction}-${rule.name}`;
    const args = { ...ruleArguments(rule, group), tags: tags(name) };
    return rule.direction === 'in' ? new SecurityGroupIngressRule(name, args, options) : new SecurityGroupEgressRule(name, args, options);
  });
  return { group, rules };
}

function ruleArguments({ group, protocol, from, to, peer, description }: SecurityRule, id: Security['group']) {
  return {
    securityGroupId: id(group),
    ipProtocol: protocol,
    fromPort: from,
    toPort: to,
    description,
    ...('group' in peer ? { referencedSecurityGroupId: id(peer.group) } : { cidrIpv4: peer.cidr }),
  };
}
