import { kubernetesOwnershipTag } from '../../../model/names.js';
import { awsSecretPrefix } from '../../../model/secret-store.js';
import type { AddonIdentity } from '../../provider.js';
import { inRegion, type PolicySubjects, type Statement } from './document.js';

/** Prefixes of the add-ons' objects in the private bucket. */
export const addonPrefixes = { velero: 'velero/', 'rancher-backup': 'rancher-backup/', loki: 'loki/', tempo: 'traces/' } as const;

/** What each add-on may do. */
export function addonStatements(addon: AddonIdentity, subjects: PolicySubjects): Statement[] {
  switch (addon) {
    case 'cloud-controller-manager': return cloudController(subjects);
    case 'disk-csi': return storageDriver(subjects);
    case 'velero': return objectStore('Velero', addonPrefixes.velero, subjects);
    case 'rancher-backup': return [...objectStore('RancherBackup', addonPrefixes['rancher-backup'], subjects), bucketFinder(subjects)];
    case 'loki': return objectStore('Loki', addonPrefixes.loki, subjects);
    case 'tempo': return objectStore('Tempo', addonPrefixes.tempo, subjects);
    case 'external-secrets': return secretReader(subjects);
    case 'cluster-autoscaler': return nodeScaler(subjects);
    case 'external-dns': return nameWriter(subjects);
    case 'kustomize-controller': return decrypter(subjects);
    case 'pod-network': return interfaceKeeper(subjects);
  }
}

/** Reads machines; makes, changes and removes load balancers and their security groups, as long as they carry the cluster's tag. https://cloud-provider-aws.sigs.k8s.io/prerequisites/ */
function cloudController(subjects: PolicySubjects): Statement[] {
  const { accountId } = subjects;
  const { asked, owned } = byTag(subjects);
  const balancers = ['loadbalancer/*', 'targetgroup/*', 'listener/*'].map((part) => regional(subjects, 'elasticloadbalancing', part));
  const groups = regional(subjects, 'ec2', 'security-group/*');
  return [
    {
      Sid: 'CcmRead',
      Effect: 'Allow',
      Action: [
        'autoscaling:DescribeAutoScalingGroups', 'autoscaling:DescribeTags',
        'ec2:DescribeAvailabilityZones', 'ec2:DescribeInstances', 'ec2:DescribeInstanceTopology', 'ec2:DescribeRegions', 'ec2:DescribeRouteTables',
        'ec2:DescribeSecurityGroups', 'ec2:DescribeSubnets', 'ec2:DescribeVpcs',
        'elasticloadbalancing:DescribeListeners', 'elasticloadbalancing:DescribeLoadBalancerAttributes', 'elasticloadbalancing:DescribeLoadBalancers',
        'elasticloadbalancing:DescribeTags', 'elasticloadbalancing:DescribeTargetGroupAttributes', 'elasticloadbalancing:DescribeTargetGroups',
        'elasticloadbalancing:DescribeTargetHealth',
      ],
      Resource: '*',
      Condition: inRegion(subjects),
    },
    {
      Sid: 'CcmMakeBalancers',
      Effect: 'Allow',
      Action: ['elasticloadbalancing:CreateLoadBalancer', 'elasticloadbalancing:CreateTargetGroup', 'elasticloadbalancing:CreateListener', 'elasticloadbalancing:AddTags'],
      Resource: balancers,
      Condition: asked,
    },
    {
      Sid: 'CcmChangeBalancers',
      Effect: 'Allow',
      Action: [
        'elasticloadbalancing:AddTags', 'elasticloadbalancing:CreateListener', 'elasticloadbalancing:ConfigureHealthCheck', 'elasticloadbalancing:DeleteListener',
        'elasticloadbalancing:DeleteLoadBalancer', 'elasticloadbalancing:DeleteTargetGroup', 'elasticloadbalancing:DeregisterInstancesFromLoadBalancer',
        'elasticloadbalancing:DeregisterTargets', 'elasticloadbalancing:ModifyListener', 'elasticloadbalancing:ModifyLoadBalancerAttributes',
        'elasticloadbalancing:ModifyTargetGroup', 'elasticloadbalancing:ModifyTargetGroupAttributes', 'elasticloadbalancing:RegisterInstancesWithLoadBalancer',
        'elasticloadbalancing:RegisterTargets', 'elasticloadbalancing:SetSecurityGroups', 'elasticloadbalancing:SetSubnets',
      ],
      Resource: balancers,
      Condition: owned,
    },
    { Sid: 'CcmMakeGroups', Effect: 'Allow', Action: ['ec2:CreateSecurityGroup'], Resource: groups, Condition: asked },
    { Sid: 'CcmMakeGroupsInNetwork', Effect: 'Allow', Action: ['ec2:CreateSecurityGroup'], Resource: regional(subjects, 'ec2', 'vpc/*'), Condition: uidTag(subjects) },
    { Sid: 'CcmTagGroups', Effect: 'Allow', Action: ['ec2:CreateTags'], Resource: groups, Condition: { StringEquals: { 'ec2:CreateAction': 'CreateSecurityGroup' } } },
    {
      Sid: 'CcmChangeGroups', Effect: 'Allow', Action: ['ec2:AuthorizeSecurityGroupIngress', 'ec2:RevokeSecurityGroupIngress', 'ec2:DeleteSecurityGroup'],
      Resource: groups, Condition: owned,
    },
    {
      // The first load balancer of an account makes the service's own role.
      Sid: 'CcmServiceRole',
      Effect: 'Allow',
      Action: ['iam:CreateServiceLinkedRole'],
      Resource: `arn:aws:iam::${accountId}:role/aws-service-role/elasticloadbalancing.amazonaws.com/AWSServiceRoleForElasticLoadBalancing`,
      Condition: { StringEquals: { 'iam:AWSServiceName': 'elasticloadbalancing.amazonaws.com' } },
    },
  ];
}

/** Makes, attaches and removes disks and snapshots that carry the cluster's tag: never a root or etcd disk, which do not. https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/install.md */
function storageDriver(subjects: PolicySubjects): Statement[] {
  const { asked, owned } = byTag(subjects);
  const volumes = regional(subjects, 'ec2', 'volume/*');
  const instances = regional(subjects, 'ec2', 'instance/*');
  // Snapshots belong to a region and to no account: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
  const snapshots = `arn:aws:ec2:${subjects.region}::snapshot/*`;
  const viaEc2 = { 'kms:ViaService': `ec2.${subjects.region}.amazonaws.com` };
  return [
    {
      Sid: 'EbsRead',
      Effect: 'Allow',
      Action: [
        'ec2:DescribeAvailabilityZones', 'ec2:DescribeInstances', 'ec2:DescribeSnapshots', 'ec2:DescribeTags', 'ec2:DescribeVolumes',
        'ec2:DescribeVolumesModifications', 'ec2:DescribeVolumeStatus',
      ],
      Resource: '*',
      Condition: inRegion(subjects),
    },
    { Sid: 'EbsMake', Effect: 'Allow', Action: ['ec2:CreateVolume', 'ec2:CreateSnapshot'], Resource: [volumes, snapshots], Condition: asked },
    {
      Sid: 'EbsChange',
      Effect: 'Allow',
      Action: ['ec2:AttachVolume', 'ec2:DetachVolume', 'ec2:ModifyVolume', 'ec2:DeleteVolume', 'ec2:CreateVolume', 'ec2:CreateSnapshot', 'ec2:DeleteSnapshot'],
      Resource: [volumes, snapshots, instances],
      Condition: owned,
    },
    {
      Sid: 'EbsTag', Effect: 'Allow', Action: ['ec2:CreateTags'], Resource: [volumes, snapshots],
      Condition: { StringEquals: { 'ec2:CreateAction': ['CreateVolume', 'CreateSnapshot'] } },
    },
    { Sid: 'EbsKey', Effect: 'Allow', Action: ['kms:Decrypt', 'kms:GenerateDataKeyWithoutPlaintext'], Resource: subjects.keyArn, Condition: { StringEquals: viaEc2 } },
    {
      Sid: 'EbsKeyGrants', Effect: 'Allow', Action: ['kms:CreateGrant'], Resource: subjects.keyArn,
      Condition: { StringEquals: viaEc2, Bool: { 'kms:GrantIsForAWSResource': 'true' } },
    },
  ];
}

/**
 * Reads groups and what they would launch; changes the number of machines in this cluster's pools, and ends machines there. What else its documentation lists is for launch configurations,
 * mixed instance types and EKS. https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md#permissions
 */
function nodeScaler(subjects: PolicySubjects): Statement[] {
  return [
    {
      Sid: 'ScaleRead',
      Effect: 'Allow',
      Action: ['autoscaling:DescribeAutoScalingGroups', 'autoscaling:DescribeScalingActivities', 'ec2:DescribeInstanceTypes', 'ec2:DescribeLaunchTemplateVersions'],
      Resource: '*',
      Condition: inRegion(subjects),
    },
    {
      Sid: 'ScalePools', Effect: 'Allow', Action: ['autoscaling:SetDesiredCapacity', 'autoscaling:TerminateInstanceInAutoScalingGroup'],
      Resource: regional(subjects, 'autoscaling', 'autoScalingGroup:*:autoScalingGroupName/*'), Condition: uidTag(subjects),
    },
  ];
}

/** An add-on with a prefix of its own in the private bucket. */
/** Rancher's operator asks whether the bucket is there before each use, which S3 answers whoever may list it without a prefix. That gives the names of all that is in it, and nothing else. */
function bucketFinder({ bucketArn }: PolicySubjects): Statement {
  return { Sid: 'RancherBackupBucket', Effect: 'Allow', Action: ['s3:ListBucket'], Resource: bucketArn, Condition: { Null: { 's3:prefix': 'true' } } };
}

function objectStore(name: string, prefix: string, { bucketArn, keyArn, region }: PolicySubjects): Statement[] {
  return [
    {
      Sid: `${name}Objects`, Effect: 'Allow',
      Action: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
      Resource: `${bucketArn}/${prefix}*`,
    },
    { Sid: `${name}List`, Effect: 'Allow', Action: ['s3:ListBucket'], Resource: bucketArn, Condition: { StringLike: { 's3:prefix': [prefix, `${prefix}*`] } } },
    {
      Sid: `${name}Key`, Effect: 'Allow', Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: keyArn,
      Condition: { StringEquals: { 'kms:ViaService': `s3.${region}.amazonaws.com` } },
    },
  ];
}

/** Reads the secrets under the cluster's name, one at a time: it lists none, and writes none. Those that a key of somebody's own encrypts need a right to that key besides. */
function secretReader(subjects: PolicySubjects): Statement[] {
  const secrets = regional(subjects, 'secretsmanager', `secret:${awsSecretPrefix(subjects.cluster)}*`);
  return [{ Sid: 'StoreSecrets', Effect: 'Allow', Action: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'], Resource: secrets }];
}

/**
 * Reads and changes records of the named zones: addresses, aliases, and the texts that say whose they are. Route 53 has no regions, and its calls count as those of us-east-1.
 * https://github.com/kubernetes-sigs/external-dns/blob/master/docs/tutorials/aws.md#iam-policy
 */
function nameWriter({ zones }: PolicySubjects): Statement[] {
  return [
    { Sid: 'DnsZones', Effect: 'Allow', Action: ['route53:ListHostedZones'], Resource: '*', Condition: { StringEquals: { 'aws:RequestedRegion': 'us-east-1' } } },
    {
      // Reading names no type, which the condition lets pass.
      Sid: 'DnsRecords', Effect: 'Allow', Action: ['route53:ListResourceRecordSets', 'route53:ChangeResourceRecordSets'], Resource: zones.map((id) => `arn:aws:route53:::hostedzone/${id}`),
      Condition: { 'ForAllValues:StringEquals': { 'route53:ChangeResourceRecordSetsRecordTypes': ['A', 'AAAA', 'CNAME', 'TXT'] } },
    },
  ];
}

/** Decrypts with the one key that the spec names, and encrypts nothing. A key of another account has to permit it in its own policy besides. */
function decrypter({ sopsKey }: PolicySubjects): Statement[] {
  return sopsKey === undefined ? [] : [{ Sid: 'SopsKey', Effect: 'Allow', Action: ['kms:Decrypt'], Resource: sopsKey }];
}

/**
 * Gives the machines of this cluster network interfaces and blocks of addresses. Interfaces are told by the network that they are in, which is this cluster's alone, and not by their tags: the first one of a
 * control plane has none, and whoever may write tags could make any interface theirs. https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.1/docs/iam-policy.md
 */
function interfaceKeeper(subjects: PolicySubjects): Statement[] {
  const interfaces = regional(subjects, 'ec2', 'network-interface/*');
  const groups = regional(subjects, 'ec2', 'security-group/*');
  const inNetwork = { ArnEquals: { 'ec2:Vpc': regional(subjects, 'ec2', `vpc/${subjects.networkId}`) } };
  return [
    {
      Sid: 'PodNetworkRead', Effect: 'Allow', Action: ['ec2:DescribeInstances', 'ec2:DescribeInstanceTypes', 'ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets'], Resource: '*', Condition: inRegion(subjects),
    },
    // What it makes says from the start whose it is, so that a deletion finds what was left behind.
    { Sid: 'PodNetworkMake', Effect: 'Allow', Action: ['ec2:CreateNetworkInterface'], Resource: interfaces, Condition: { StringEquals: { 'aws:RequestTag/clusterwright:uid': subjects.uid } } },
    { Sid: 'PodNetworkMakeHere', Effect: 'Allow', Action: ['ec2:CreateNetworkInterface'], Resource: [regional(subjects, 'ec2', 'subnet/*'), groups], Condition: inNetwork },
    { Sid: 'PodNetworkTag', Effect: 'Allow', Action: ['ec2:CreateTags'], Resource: interfaces, Condition: inNetwork },
    { Sid: 'PodNetworkTagNew', Effect: 'Allow', Action: ['ec2:CreateTags'], Resource: interfaces, Condition: { StringEquals: { 'ec2:CreateAction': 'CreateNetworkInterface' } } },
    {
      Sid: 'PodNetworkChange',
      Effect: 'Allow',
      Action: ['ec2:AssignPrivateIpAddresses', 'ec2:AttachNetworkInterface', 'ec2:DeleteNetworkInterface', 'ec2:DetachNetworkInterface', 'ec2:ModifyNetworkInterfaceAttribute', 'ec2:UnassignPrivateIpAddresses'],
      Resource: interfaces,
      Condition: inNetwork,
    },
    { Sid: 'PodNetworkGroups', Effect: 'Allow', Action: ['ec2:ModifyNetworkInterfaceAttribute'], Resource: groups, Condition: inNetwork },
    {
      Sid: 'PodNetworkMachines', Effect: 'Allow', Action: ['ec2:AttachNetworkInterface', 'ec2:DetachNetworkInterface', 'ec2:ModifyNetworkInterfaceAttribute'],
      Resource: regional(subjects, 'ec2', 'instance/*'), Condition: uidTag(subjects),
    },
  ];
}

/** What the controllers make carries the cluster's tag from the start (`asked`), and only what carries it may be changed (`owned`). */
function byTag({ cluster }: PolicySubjects) {
  const tag = kubernetesOwnershipTag(cluster);
  return { asked: { StringEquals: { [`aws:RequestTag/${tag}`]: 'owned' } }, owned: { StringEquals: { [`aws:ResourceTag/${tag}`]: 'owned' } } };
}

function uidTag({ uid }: PolicySubjects) {
  return { StringEquals: { 'aws:ResourceTag/clusterwright:uid': uid } };
}

function regional({ region, accountId }: PolicySubjects, service: string, resource: string): string {
  return `arn:aws:${service}:${region}:${accountId}:${resource}`;
}
