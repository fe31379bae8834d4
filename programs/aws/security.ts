import { DefaultSecurityGroup } from '@pulumi/aws/ec2/defaultSecurityGroup.js';
import { SecurityGroup } from '@pulumi/aws/ec2/securityGroup.js';
import { SecurityGroupEgressRule } from '@pulumi/aws/vpc/securityGroupEgressRule.js';
import { SecurityGroupIngressRule } from '@pulumi/aws/vpc/securityGroupIngressRule.js';
import type * as pulumi from '@pulumi/pulumi';
import { ownershipTag, type Context } from './context.js';
import type { Network } from './network.js';
import { neededGroups, securityGroups, securityRules, type SecurityGroupName, type SecurityRule } from './security-rules.js';

/** The ids of the security groups, by name. Asking for one that the spec does not call for throws. */
export type SecurityGroups = (name: SecurityGroupName) => pulumi.Output<string>;

/** Groups of the cluster with their rules, each a resource of its own: groups may point at each other, and one changed port is one change. */
export function security(context: Context, { vpc }: Network): SecurityGroups {
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
  const id: SecurityGroups = (name) => {
    const group = groups.get(name);
    if (!group) throw new RangeError(`the cluster has no security group "${name}"`);
    return group.id;
  };

  for (const rule of securityRules(spec, account)) {
    const name = `${rule.group}-${rule.direction}-${rule.name}`;
    const args = { ...ruleArguments(rule, id), tags: tags(name) };
    if (rule.direction === 'in') new SecurityGroupIngressRule(name, args, options);
    else new SecurityGroupEgressRule(name, args, options);
  }
  return id;
}

function ruleArguments({ group, protocol, from, to, peer, description }: SecurityRule, id: SecurityGroups) {
  return {
    securityGroupId: id(group),
    ipProtocol: protocol,
    fromPort: from,
    toPort: to,
    description,
    ...('group' in peer ? { referencedSecurityGroupId: id(peer.group) } : { cidrIpv4: peer.cidr }),
  };
}
