import type { Declaration } from '../../cloud.js';
import type { AwsLookups } from './lookups.js';

/** The inputs of a declaration, as `text` reads them. */
type Inputs = Declaration['inputs'];

/**
 * How a resource is found that the cloud has and the state does not know:
 * - `tag`: by the cluster's uid and the part's name, which is its name in the program. `id` makes of its ARN what the provider imports it by; `kinds`
 *   are the types that the ARN may stand for, where it does not tell them apart.
 * - `name`, `parent`: by an id that follows from its inputs, or by what its parent lists. Both ask the service itself whether it is there.
 * - `again`: it is not looked for. Creating it again comes to the same, and deleting what it belongs to takes it along; `because` says why.
 *
 * All that is found is imported; the engine reads each before it believes it. Nothing here has to be deleted, as everything can be imported
 * or made again.
 */
export type Way =
  | { readonly by: 'tag'; readonly id: (arn: string) => string; readonly kinds?: readonly string[] }
  | { readonly by: 'name' | 'parent'; readonly find: (inputs: Inputs, lookups: AwsLookups) => Promise<string | undefined> }
  | { readonly by: 'again'; readonly because: string };

const wholeArn = (arn: string): string => arn;
/** What follows the last slash: `…:vpc/vpc-1` is `vpc-1`. */
const lastPart = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);
/** What follows the last colon: `arn:aws:s3:::bucket` is `bucket`. */
const lastField = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1);

const tagged = (id: (arn: string) => string, kinds?: readonly string[]): Way => ({ by: 'tag', id, ...(kinds === undefined ? {} : { kinds }) });
const overwrites: Way = { by: 'again', because: 'The service has one of it per bucket, and creating is a PUT that overwrites; it goes with its bucket.' };

const securityGroup = 'aws:ec2/securityGroup:SecurityGroup';
const securityGroupRules = ['aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule', 'aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule'];

/** A way that needs inputs of these names, which are texts. Where one of them is not known, neither is the resource. */
function given<const Names extends readonly string[]>(
  by: 'name' | 'parent', names: Names, find: (values: { readonly [Index in keyof Names]: string }, lookups: AwsLookups) => Promise<string | undefined>,
): Way {
  return {
    by,
    find: async (inputs, lookups) => {
      const values = names.map((name) => inputs[name]);
      return values.every((value) => typeof value === 'string') ? find(values as unknown as { readonly [Index in keyof Names]: string }, lookups) : undefined;
    },
  };
}

/** Every type that the program uses. Import ids are those of the provider's documentation ("Import" at the end of each resource's page). */
export const ways: Readonly<Record<string, Way>> = {
  // The tagging API does not list groups. Names hold six characters of the uid, so what has one is the cluster's; the same goes for roles.
  'aws:autoscaling/group:Group': given('name', ['name'], async ([name], lookups) => ((await lookups.hasGroup(name)) ? name : undefined)),
  'aws:cloudwatch/logGroup:LogGroup': tagged((arn) => arn.replace(/^.*:log-group:/, '').replace(/:\*$/, '')),
  'aws:ebs/volume:Volume': tagged(lastPart),
  // It comes with its VPC and only its rules are set, but it carries the part's tags.
  'aws:ec2/defaultSecurityGroup:DefaultSecurityGroup': tagged(lastPart, [securityGroup]),
  'aws:ec2/eip:Eip': tagged(lastPart),
  'aws:ec2/flowLog:FlowLog': tagged(lastPart),
  'aws:ec2/instance:Instance': tagged(lastPart),
  'aws:ec2/internetGateway:InternetGateway': tagged(lastPart),
  'aws:ec2/launchTemplate:LaunchTemplate': tagged(lastPart),
  'aws:ec2/natGateway:NatGateway': tagged(lastPart),
  'aws:ec2/route:Route': given('parent', ['routeTableId', 'destinationCidrBlock'], async ([table, destination], lookups) =>
    ((await lookups.routeTable(table)).destinations.includes(destination) ? `${table}_${destination}` : undefined)),
  'aws:ec2/routeTable:RouteTable': tagged(lastPart),
  'aws:ec2/routeTableAssociation:RouteTableAssociation': given('parent', ['routeTableId', 'subnetId'], async ([table, subnet], lookups) =>
    ((await lookups.routeTable(table)).subnets.includes(subnet) ? `${subnet}/${table}` : undefined)),
  'aws:ec2/securityGroup:SecurityGroup': tagged(lastPart),
  'aws:ec2/subnet:Subnet': tagged(lastPart),
  'aws:ec2/subnetCidrReservation:SubnetCidrReservation': given('parent', ['subnetId', 'cidrBlock'], async ([subnet, cidr], lookups) => {
    const id = (await lookups.reservations(subnet)).get(cidr);
    return id === undefined ? undefined : `${subnet}:${id}`;
  }),
  'aws:ec2/volumeAttachment:VolumeAttachment': given('parent', ['deviceName', 'volumeId', 'instanceId'], async ([device, volume, instance], lookups) =>
    ((await lookups.attachedTo(volume)) === instance ? `${device}:${volume}:${instance}` : undefined)),
  'aws:ec2/vpc:Vpc': tagged(lastPart),
  'aws:ec2/vpcEndpoint:VpcEndpoint': tagged(lastPart),
  'aws:ec2/vpcPeeringConnection:VpcPeeringConnection': tagged(lastPart),
  'aws:iam/instanceProfile:InstanceProfile': tagged(lastPart),
  'aws:iam/openIdConnectProvider:OpenIdConnectProvider': tagged(wholeArn),
  'aws:iam/role:Role': given('name', ['name'], async ([name], lookups) => ((await lookups.hasRole(name)) ? name : undefined)),
  'aws:iam/rolePolicy:RolePolicy': given('name', ['role', 'name'], async ([role, name], lookups) => ((await lookups.hasRolePolicy(role, name)) ? `${role}:${name}` : undefined)),
  'aws:kms/alias:Alias': given('name', ['targetKeyId', 'name'], async ([key, name], lookups) => ((await lookups.aliasesOf(key)).includes(name) ? name : undefined)),
  'aws:kms/key:Key': tagged(lastPart),
  'aws:lb/listener:Listener': tagged(wholeArn),
  'aws:lb/loadBalancer:LoadBalancer': tagged(wholeArn),
  'aws:lb/targetGroup:TargetGroup': tagged(wholeArn),
  'aws:lb/targetGroupAttachment:TargetGroupAttachment': { by: 'again', because: 'Registering a target again changes nothing, and it goes with its group. The provider cannot import it.' },
  'aws:route53/record:Record': { by: 'again', because: 'The program lets it overwrite, in a zone that is the cluster\'s alone, with which it goes.' },
  'aws:route53/zone:Zone': tagged(lastPart),
  'aws:route53/zoneAssociation:ZoneAssociation': given('parent', ['zoneId', 'vpcId'], async ([zone, vpc], lookups) => ((await lookups.networksOf(zone)).includes(vpc) ? `${zone}:${vpc}` : undefined)),
  'aws:s3/bucket:Bucket': tagged(lastField),
  'aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration': overwrites,
  'aws:s3/bucketObjectv2:BucketObjectv2': { by: 'again', because: 'Its key is made of its content, so writing it again comes to the same; it goes with its bucket.' },
  'aws:s3/bucketOwnershipControls:BucketOwnershipControls': overwrites,
  'aws:s3/bucketPolicy:BucketPolicy': overwrites,
  'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock': overwrites,
  'aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration': overwrites,
  'aws:s3/bucketVersioning:BucketVersioning': overwrites,
  'aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule': tagged(lastPart, securityGroupRules),
  'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule': tagged(lastPart, securityGroupRules),
};
