import {
  EC2Client, paginateDescribeSecurityGroupRules, paginateDescribeSecurityGroups, RevokeSecurityGroupEgressCommand, RevokeSecurityGroupIngressCommand, type SecurityGroupRule,
} from '@aws-sdk/client-ec2';
import type { ClusterScope, ForeignRule, HeldResource } from '../cloud.js';
import { calling, type AwsConnection } from './connection.js';
import { madeByKubernetes } from './drain/ownership.js';

/** The VPC's default group is not among them: its rules are properties of it, which the engine compares itself. */
const groupType = 'aws:ec2/securityGroup:SecurityGroup';

/**
 * What controllers write into their rules: the cloud controller for Network Load Balancers, and the AWS Load Balancer Controller, which a team may have installed.
 * https://github.com/kubernetes/cloud-provider-aws/blob/master/pkg/providers/v1/aws_loadbalancer.go, https://kubernetes-sigs.github.io/aws-load-balancer-controller/
 */
const byController = /^(kubernetes\.io\/rule\/nlb\/|elbv2\.k8s\.aws\/)/;

/** Rules of the stack's groups that are not in the stack. Those that let in the group of a load balancer of the cluster's Kubernetes are its controller's. */
export async function foreignRules(connection: AwsConnection, scope: ClusterScope, held: readonly HeldResource[]): Promise<ForeignRule[]> {
  const groups = held.flatMap(({ type, id }) => (type === groupType && id !== undefined ? id : []));
  if (groups.length === 0) return [];
  return calling(connection.client('ec2', EC2Client), `reading the rules of the security groups of ${scope.name}`, async (client) => {
    const found: SecurityGroupRule[] = [];
    for await (const { SecurityGroupRules = [] } of paginateDescribeSecurityGroupRules({ client }, { Filters: [{ Name: 'group-id', Values: groups }], MaxResults: 1000 })) found.push(...SecurityGroupRules);
    const strangers = found.filter(({ SecurityGroupRuleId: id, Description }) => id !== undefined && !scope.known.has(id) && !byController.test(Description ?? ''));
    const balancers = await groupsOfKubernetes(client, scope, strangers.flatMap(({ ReferencedGroupInfo }) => ReferencedGroupInfo?.GroupId ?? []));
    return strangers.filter(({ ReferencedGroupInfo }) => !balancers.has(ReferencedGroupInfo?.GroupId ?? '')).map(foreignRule);
  });
}

/** Takes a rule away. */
export async function removeRule(connection: AwsConnection, { id, group, direction }: ForeignRule): Promise<void> {
  const input = { GroupId: group, SecurityGroupRuleIds: [id] };
  await calling(connection.client('ec2', EC2Client), `removing the rule ${id} of ${group}`, async (client) => {
    try {
      await (direction === 'in' ? client.send(new RevokeSecurityGroupIngressCommand(input)) : client.send(new RevokeSecurityGroupEgressCommand(input)));
    } catch (error) {
      if (!(error instanceof Error) || !/^Invalid(SecurityGroupRuleId|Permission|Group)\.NotFound$/.test(error.name)) throw error;
    }
  });
}

/** Those of these groups that the cluster's Kubernetes made. One that is gone, or another account's, is none. */
async function groupsOfKubernetes(client: EC2Client, scope: ClusterScope, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const unknown = [...new Set(ids)].filter((id) => !scope.known.has(id));
  if (unknown.length === 0) return new Set();
  const made = new Set<string>();
  for await (const { SecurityGroups = [] } of paginateDescribeSecurityGroups({ client }, { Filters: [{ Name: 'group-id', Values: unknown }] })) {
    for (const { GroupId, Tags = [] } of SecurityGroups) if (GroupId !== undefined && madeByKubernetes(scope, [GroupId], Tags)) made.add(GroupId);
  }
  return made;
}

function foreignRule({ SecurityGroupRuleId: id = '', GroupId: group = '', IsEgress, IpProtocol, FromPort, ToPort, CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupInfo }: SecurityGroupRule): ForeignRule {
  const peer = CidrIpv4 ?? CidrIpv6 ?? PrefixListId ?? ReferencedGroupInfo?.GroupId ?? 'anywhere';
  const protocol = IpProtocol === undefined || IpProtocol === '-1' ? 'everything' : IpProtocol;
  const ports = FromPort === undefined || FromPort === -1 || protocol === 'everything' ? '' : ` ${FromPort === ToPort ? FromPort : `${FromPort}-${ToPort ?? FromPort}`}`;
  return { id, group, direction: IsEgress === true ? 'out' : 'in', words: IsEgress === true ? `${protocol}${ports} out to ${peer}` : `${protocol}${ports} in from ${peer}` };
}
