import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { AllocateAddressCommand, CreateVpcCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeLoadBalancersCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetRoleCommand, IAMClient, ListRolesCommand, paginateSimulatePrincipalPolicy } from '@aws-sdk/client-iam';
import { KMSClient, ListAliasesCommand } from '@aws-sdk/client-kms';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { AwsAccount } from '../../../model/accounts.js';
import type { Permissions } from '../cloud.js';
import { neededActions } from './actions.js';
import { awsError, globalRegion, type AwsConnection } from './connection.js';

/** Names of the errors by which services say that somebody may not do something. */
const refusal = /AccessDenied|Unauthorized|NotAuthorized/;
/** IAM takes a list of actions at a time; how long is not documented, and this many it takes. */
const actionsAtOnce = 100;

/**
 * Has IAM work out what the account's role may do of all that is needed. A role that may not ask IAM about itself is tried instead, by a few calls that change
 * nothing. Resources are not given, so an action that a policy allows for certain resources only counts as missing.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
 */
export async function permissions(connection: AwsConnection, account: Pick<AwsAccount, 'roleArn'>): Promise<Permissions> {
  const iam = connection.client('iam', IAMClient, { region: globalRegion });
  try {
    const principal = account.roleArn ?? (await ownArn(connection, iam));
    const missing: string[] = [];
    for (let at = 0; at < neededActions.length; at += actionsAtOnce) {
      const input = { PolicySourceArn: principal, ActionNames: neededActions.slice(at, at + actionsAtOnce) };
      for await (const { EvaluationResults = [] } of paginateSimulatePrincipalPolicy({ client: iam }, input)) {
        missing.push(...EvaluationResults.filter(({ EvalDecision }) => EvalDecision !== 'allowed').flatMap(({ EvalActionName }) => EvalActionName ?? []));
      }
    }
    return { by: 'policy', checked: neededActions.length, missing: missing.sort() };
  } catch (error) {
    if (error instanceof Error && refusal.test(error.name)) return await tried(connection);
    throw awsError(error, 'asking IAM what the role may do');
  }
}

/** The ARN under which IAM knows the service's own identity: of a session, that of its role, whose path the session's ARN leaves out. */
async function ownArn(connection: AwsConnection, iam: IAMClient): Promise<string> {
  const sts = connection.client('sts', STSClient);
  const { Arn = '' } = await sts.send(new GetCallerIdentityCommand({}));
  const [, role] = /^arn:[^:]+:sts::\d+:assumed-role\/([^/]+)\//.exec(Arn) ?? [];
  return role === undefined ? Arn : ((await iam.send(new GetRoleCommand({ RoleName: role }))).Role?.Arn ?? Arn);
}

/** Tries what can be tried without a trace: EC2's dry runs, and reads of the other services. */
async function tried(connection: AwsConnection): Promise<Permissions> {
  const ec2 = connection.client('ec2', EC2Client);
  const iam = connection.client('iam', IAMClient, { region: globalRegion });
  const kms = connection.client('kms', KMSClient);
  const balancers = connection.client('elasticloadbalancing', ElasticLoadBalancingV2Client);
  const groups = connection.client('autoscaling', AutoScalingClient);
  const trials: readonly (readonly [action: string, call: () => Promise<unknown>])[] = [
    ['ec2:CreateVpc', () => ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16', DryRun: true }))],
    ['ec2:AllocateAddress', () => ec2.send(new AllocateAddressCommand({ Domain: 'vpc', DryRun: true }))],
    ['iam:ListRoles', () => iam.send(new ListRolesCommand({ MaxItems: 1 }))],
    ['kms:ListAliases', () => kms.send(new ListAliasesCommand({ Limit: 1 }))],
    ['elasticloadbalancing:DescribeLoadBalancers', () => balancers.send(new DescribeLoadBalancersCommand({ PageSize: 1 }))],
    ['autoscaling:DescribeAutoScalingGroups', () => groups.send(new DescribeAutoScalingGroupsCommand({ MaxRecords: 1 }))],
  ];
  const refused = await Promise.all(trials.map(async ([action, call]) => ((await isRefused(call)) ? [action] : [])));
  return { by: 'trial', checked: trials.length, missing: refused.flat().sort() };
}

/** Whether a call is refused for want of a right. A dry run that would succeed ends with an error as well, of another name. */
async function isRefused(call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call();
    return false;
  } catch (error) {
    if (error instanceof Error && refusal.test(error.name)) return true;
    if (error instanceof Error && error.name === 'DryRunOperation') return false;
    throw awsError(error, 'trying what the role may do');
  }
}
