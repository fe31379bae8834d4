import { paginateGetResources, ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { tagKeys } from '../../../model/names.js';
import type { FoundResource } from '../cloud.js';
import { calling, globalRegion, type AwsConnection } from './connection.js';

/** Everything in the account that carries the cluster's uid, in its region and among the global services. */
export async function findByUid(connection: AwsConnection, uid: string): Promise<FoundResource[]> {
  const found = await Promise.all([...new Set([connection.region, globalRegion])].map((region) => search(connection, region, uid)));
  return [...new Map(found.flat().map((resource) => [resource.id, resource])).values()];
}

async function search(connection: AwsConnection, region: string, uid: string): Promise<FoundResource[]> {
  return calling(connection.client('resourcegroupstaggingapi', ResourceGroupsTaggingAPIClient, { region }), `looking for resources by tag in ${region}`, async (client) => {
    const found: FoundResource[] = [];
    for await (const { ResourceTagMappingList = [] } of paginateGetResources({ client, pageSize: 100 }, { TagFilters: [{ Key: tagKeys.uid, Values: [uid] }] })) {
      for (const { ResourceARN: id, Tags = [] } of ResourceTagMappingList) {
        if (id !== undefined) found.push({ id, kind: kindOfArn(id), region, part: Tags.find(({ Key }) => Key === tagKeys.resource)?.Value });
      }
    }
    return found;
  });
}

/** Type tokens by what ARNs call them. The tagging API covers these of what a cluster is made of (AWS: "Services that support the Resource Groups Tagging API"). */
const kinds: Readonly<Record<string, string>> = {
  'ec2:elastic-ip': 'aws:ec2/eip:Eip',
  'ec2:instance': 'aws:ec2/instance:Instance',
  'ec2:internet-gateway': 'aws:ec2/internetGateway:InternetGateway',
  'ec2:launch-template': 'aws:ec2/launchTemplate:LaunchTemplate',
  'ec2:natgateway': 'aws:ec2/natGateway:NatGateway',
  'ec2:network-interface': 'aws:ec2/networkInterface:NetworkInterface',
  'ec2:route-table': 'aws:ec2/routeTable:RouteTable',
  'ec2:security-group': 'aws:ec2/securityGroup:SecurityGroup',
  'ec2:security-group-rule': 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule',
  'ec2:subnet': 'aws:ec2/subnet:Subnet',
  'ec2:volume': 'aws:ebs/volume:Volume',
  'ec2:vpc': 'aws:ec2/vpc:Vpc',
  'ec2:vpc-endpoint': 'aws:ec2/vpcEndpoint:VpcEndpoint',
  'ec2:vpc-flow-log': 'aws:ec2/flowLog:FlowLog',
  'ec2:vpc-peering-connection': 'aws:ec2/vpcPeeringConnection:VpcPeeringConnection',
  'elasticloadbalancing:listener': 'aws:lb/listener:Listener',
  'elasticloadbalancing:loadbalancer': 'aws:elb/loadBalancer:LoadBalancer',
  'elasticloadbalancing:loadbalancer/app': 'aws:lb/loadBalancer:LoadBalancer',
  'elasticloadbalancing:loadbalancer/net': 'aws:lb/loadBalancer:LoadBalancer',
  'elasticloadbalancing:targetgroup': 'aws:lb/targetGroup:TargetGroup',
  'iam:instance-profile': 'aws:iam/instanceProfile:InstanceProfile',
  'iam:oidc-provider': 'aws:iam/openIdConnectProvider:OpenIdConnectProvider',
  'iam:policy': 'aws:iam/policy:Policy',
  'kms:key': 'aws:kms/key:Key',
  'logs:log-group': 'aws:cloudwatch/logGroup:LogGroup',
  'route53:hostedzone': 'aws:route53/zone:Zone',
  's3:bucket': 'aws:s3/bucket:Bucket',
};

/** Kinds that are searched by tag. */
export const taggedKinds: readonly string[] = [...new Set(Object.values(kinds))];

/** The kind of a resource by its ARN: the type token where we know it, else what the ARN calls it. */
export function kindOfArn(arn: string): string {
  const [, , service = 'unknown', , , ...rest] = arn.split(':');
  const resource = rest.join(':');
  // A bucket's ARN has its name only; others are `type/…` or `type:…`.
  const type = service === 's3' ? 'bucket' : (/^\/?([A-Za-z-]+)[/:]/.exec(resource)?.[1] ?? resource);
  // Load balancers of the second generation have theirs in the ARN: `loadbalancer/net/name/id`. https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html
  const generation = type === 'loadbalancer' ? /^loadbalancer\/(app|net)\//.exec(resource)?.[1] : undefined;
  const key = generation === undefined ? `${service}:${type}` : `${service}:${type}/${generation}`;
  return kinds[key] ?? key;
}
