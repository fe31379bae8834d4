/** An IAM action by service and names: `of('ec2', 'CreateVpc')`. */
const of = (service: string, ...names: readonly string[]): string[] => names.map((name) => `${service}:${name}`);
const crud = (service: string, noun: string, ...more: readonly string[]): string[] => of(service, `Create${noun}`, `Delete${noun}`, ...more);

/**
 * What the provider calls for each type that the program uses: making, reading, changing and deleting it. Keys are those of the finder's table. Read from the
 * services' API references and the resource pages of the provider; no live account has been used.
 */
export const actionsByType: Readonly<Record<string, readonly string[]>> = {
  'aws:autoscaling/group:Group': crud('autoscaling', 'AutoScalingGroup', 'UpdateAutoScalingGroup', 'DescribeAutoScalingGroups', 'DescribeScalingActivities', 'CreateOrUpdateTags', 'DeleteTags', 'DescribeTags', 'StartInstanceRefresh', 'CancelInstanceRefresh', 'DescribeInstanceRefreshes'),
  'aws:cloudwatch/logGroup:LogGroup': crud('logs', 'LogGroup', 'DescribeLogGroups', 'ListTagsForResource', 'PutRetentionPolicy', 'TagResource', 'UntagResource', 'AssociateKmsKey'),
  'aws:ebs/volume:Volume': crud('ec2', 'Volume', 'DescribeVolumes', 'ModifyVolume'),
  'aws:ec2/defaultSecurityGroup:DefaultSecurityGroup': of('ec2', 'DescribeSecurityGroups', 'RevokeSecurityGroupIngress', 'RevokeSecurityGroupEgress'),
  'aws:ec2/eip:Eip': of('ec2', 'AllocateAddress', 'ReleaseAddress', 'DisassociateAddress', 'DescribeAddresses', 'DescribeAddressesAttribute'),
  'aws:ec2/flowLog:FlowLog': crud('ec2', 'FlowLogs', 'DescribeFlowLogs'),
  'aws:ec2/instance:Instance': [
    ...of('ec2', 'RunInstances', 'TerminateInstances', 'StopInstances', 'StartInstances', 'DescribeInstances', 'DescribeInstanceAttribute', 'DescribeInstanceTypes', 'DescribeInstanceCreditSpecifications', 'DescribeImages'),
    ...of('ec2', 'ModifyInstanceAttribute', 'ModifyInstanceMetadataOptions', 'DescribeTags'), ...of('iam', 'PassRole'),
  ],
  'aws:ec2/internetGateway:InternetGateway': crud('ec2', 'InternetGateway', 'AttachInternetGateway', 'DetachInternetGateway', 'DescribeInternetGateways'),
  'aws:ec2/launchTemplate:LaunchTemplate': crud('ec2', 'LaunchTemplate', 'CreateLaunchTemplateVersion', 'ModifyLaunchTemplate', 'DescribeLaunchTemplates', 'DescribeLaunchTemplateVersions'),
  'aws:ec2/natGateway:NatGateway': crud('ec2', 'NatGateway', 'DescribeNatGateways'),
  'aws:ec2/route:Route': crud('ec2', 'Route', 'ReplaceRoute'),
  'aws:ec2/routeTable:RouteTable': crud('ec2', 'RouteTable', 'DescribeRouteTables'),
  'aws:ec2/routeTableAssociation:RouteTableAssociation': of('ec2', 'AssociateRouteTable', 'DisassociateRouteTable', 'ReplaceRouteTableAssociation'),
  'aws:ec2/securityGroup:SecurityGroup': crud('ec2', 'SecurityGroup', 'DescribeSecurityGroups', 'DescribeNetworkInterfaces'),
  'aws:ec2/subnet:Subnet': crud('ec2', 'Subnet', 'DescribeSubnets', 'ModifySubnetAttribute', 'DescribeAvailabilityZones'),
  'aws:ec2/subnetCidrReservation:SubnetCidrReservation': crud('ec2', 'SubnetCidrReservation', 'GetSubnetCidrReservations'),
  'aws:ec2/volumeAttachment:VolumeAttachment': of('ec2', 'AttachVolume', 'DetachVolume'),
  'aws:ec2/vpc:Vpc': crud('ec2', 'Vpc', 'DescribeVpcs', 'DescribeVpcAttribute', 'ModifyVpcAttribute', 'DescribeNetworkAcls', 'CreateTags', 'DeleteTags'),
  'aws:ec2/vpcEndpoint:VpcEndpoint': of('ec2', 'CreateVpcEndpoint', 'DeleteVpcEndpoints', 'ModifyVpcEndpoint', 'DescribeVpcEndpoints', 'DescribePrefixLists'),
  'aws:ec2/vpcPeeringConnection:VpcPeeringConnection': crud('ec2', 'VpcPeeringConnection', 'AcceptVpcPeeringConnection', 'DescribeVpcPeeringConnections', 'ModifyVpcPeeringConnectionOptions'),
  'aws:iam/instanceProfile:InstanceProfile': crud('iam', 'InstanceProfile', 'GetInstanceProfile', 'AddRoleToInstanceProfile', 'RemoveRoleFromInstanceProfile', 'TagInstanceProfile', 'UntagInstanceProfile'),
  'aws:iam/openIdConnectProvider:OpenIdConnectProvider': crud('iam', 'OpenIDConnectProvider', 'GetOpenIDConnectProvider', 'UpdateOpenIDConnectProviderThumbprint', 'AddClientIDToOpenIDConnectProvider', 'TagOpenIDConnectProvider', 'UntagOpenIDConnectProvider'),
  'aws:iam/role:Role': crud('iam', 'Role', 'GetRole', 'UpdateRole', 'UpdateAssumeRolePolicy', 'ListRolePolicies', 'ListAttachedRolePolicies', 'ListInstanceProfilesForRole', 'TagRole', 'UntagRole'),
  'aws:iam/rolePolicy:RolePolicy': of('iam', 'PutRolePolicy', 'GetRolePolicy', 'DeleteRolePolicy'),
  'aws:kms/alias:Alias': crud('kms', 'Alias', 'UpdateAlias', 'ListAliases'),
  'aws:kms/key:Key': of('kms', 'CreateKey', 'ScheduleKeyDeletion', 'DescribeKey', 'GetKeyPolicy', 'PutKeyPolicy', 'EnableKeyRotation', 'GetKeyRotationStatus', 'UpdateKeyDescription', 'ListResourceTags', 'TagResource', 'UntagResource', 'CreateGrant', 'Decrypt', 'GenerateDataKey', 'GenerateDataKeyWithoutPlaintext'),
  'aws:lb/listener:Listener': crud('elasticloadbalancing', 'Listener', 'DescribeListeners', 'ModifyListener', 'DescribeListenerAttributes'),
  'aws:lb/loadBalancer:LoadBalancer': crud('elasticloadbalancing', 'LoadBalancer', 'DescribeLoadBalancers', 'DescribeLoadBalancerAttributes', 'ModifyLoadBalancerAttributes', 'SetSecurityGroups', 'SetSubnets', 'AddTags', 'RemoveTags', 'DescribeTags'),
  'aws:lb/targetGroup:TargetGroup': crud('elasticloadbalancing', 'TargetGroup', 'DescribeTargetGroups', 'DescribeTargetGroupAttributes', 'ModifyTargetGroup', 'ModifyTargetGroupAttributes'),
  'aws:lb/targetGroupAttachment:TargetGroupAttachment': of('elasticloadbalancing', 'RegisterTargets', 'DeregisterTargets', 'DescribeTargetHealth'),
  'aws:route53/record:Record': of('route53', 'ChangeResourceRecordSets', 'ListResourceRecordSets', 'GetChange'),
  'aws:route53/zone:Zone': crud('route53', 'HostedZone', 'GetHostedZone', 'UpdateHostedZoneComment', 'ChangeTagsForResource', 'ListTagsForResource'),
  'aws:route53/zoneAssociation:ZoneAssociation': of('route53', 'AssociateVPCWithHostedZone', 'DisassociateVPCFromHostedZone', 'ListHostedZonesByVPC'),
  'aws:s3/bucket:Bucket': crud('s3', 'Bucket', 'ListBucket', 'ListBucketVersions', 'DeleteObject', 'DeleteObjectVersion', 'GetBucketLocation', 'GetBucketTagging', 'PutBucketTagging', 'GetBucketAcl', 'GetBucketCORS', 'GetBucketWebsite', 'GetBucketLogging', 'GetBucketRequestPayment', 'GetBucketObjectLockConfiguration', 'GetAccelerateConfiguration', 'GetReplicationConfiguration'),
  'aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration': of('s3', 'GetLifecycleConfiguration', 'PutLifecycleConfiguration'),
  'aws:s3/bucketObjectv2:BucketObjectv2': of('s3', 'PutObject', 'GetObject', 'PutObjectTagging', 'GetObjectTagging'),
  'aws:s3/bucketOwnershipControls:BucketOwnershipControls': of('s3', 'GetBucketOwnershipControls', 'PutBucketOwnershipControls'),
  'aws:s3/bucketPolicy:BucketPolicy': of('s3', 'GetBucketPolicy', 'PutBucketPolicy', 'DeleteBucketPolicy'),
  'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock': of('s3', 'GetBucketPublicAccessBlock', 'PutBucketPublicAccessBlock'),
  'aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration': of('s3', 'GetEncryptionConfiguration', 'PutEncryptionConfiguration'),
  'aws:s3/bucketVersioning:BucketVersioning': of('s3', 'GetBucketVersioning', 'PutBucketVersioning'),
  'aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule': of('ec2', 'AuthorizeSecurityGroupEgress', 'RevokeSecurityGroupEgress', 'DescribeSecurityGroupRules', 'ModifySecurityGroupRules'),
  'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule': of('ec2', 'AuthorizeSecurityGroupIngress', 'RevokeSecurityGroupIngress', 'DescribeSecurityGroupRules', 'ModifySecurityGroupRules'),
};

/** What the worker asks by itself, beside the engine: secrets and steps of nodes, what Kubernetes made, machines of pools, whether control planes run, which machine types and images there are, rules that somebody added, what is left. */
export const workerActions: readonly string[] = [
  ...of('autoscaling', 'DescribeAutoScalingGroups', 'TerminateInstanceInAutoScalingGroup', 'UpdateAutoScalingGroup'),
  ...of('ec2', 'DeleteNetworkInterface', 'DeleteSecurityGroup', 'DeleteVolume', 'DescribeImages', 'DescribeInstances', 'DescribeInstanceTypeOfferings', 'DescribeNetworkInterfaces', 'DescribeSecurityGroupRules', 'DescribeSecurityGroups', 'DescribeTags', 'DescribeVolumes', 'DescribeVpcs', 'RevokeSecurityGroupEgress', 'RevokeSecurityGroupIngress', 'StartInstances', 'StopInstances'),
  ...of('elasticloadbalancing', 'DeleteLoadBalancer', 'DeleteTargetGroup', 'DescribeLoadBalancers', 'DescribeTags', 'DescribeTargetGroups'),
  ...of('iam', 'ListRoles', 'SimulatePrincipalPolicy'),
  ...of('servicequotas', 'GetServiceQuota'),
  ...of('ssm', 'DeleteParameters', 'GetParameter', 'GetParameters', 'GetParametersByPath'),
  ...of('tag', 'GetResources'),
];

/** Every action that the role of an account needs, each once, in order. */
export const neededActions: readonly string[] = [...new Set([...Object.values(actionsByType).flat(), ...workerActions])].sort();

/** The longest policy of its own that a role can be given, in characters without white space: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const longestPolicy = 6144;

/** Policies that give a role all it needs: as many as it takes for each to fit into a managed policy. */
export function rolePolicies(): object[] {
  const policy = (actions: readonly string[]) => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] });
  const parts: string[][] = [[]];
  for (const action of neededActions) {
    const last = parts.at(-1) ?? [];
    if (JSON.stringify(policy([...last, action])).length > longestPolicy) parts.push([action]);
    else last.push(action);
  }
  return parts.map(policy);
}
