import { VpcEndpoint } from '@pulumi/aws/ec2/vpcEndpoint.js';
import type { Context } from './context.js';
import type { Network } from './network.js';
import type { Security } from './security.js';

/** What Systems Manager needs to be reached without the internet. */
const interfaceServices = ['ssm', 'ssmmessages', 'ec2messages'] as const;

/** S3 through a gateway endpoint, and Systems Manager through interface endpoints: secrets, claims and backups never leave AWS's network. */
export function endpoints({ spec, options, tags }: Context, { vpc, zones }: Network, { group }: Security): VpcEndpoint[] {
  const serviceName = (service: string): string => `com.amazonaws.${spec.region}.${service}`;
  return [
    new VpcEndpoint('endpoint-s3', {
      vpcId: vpc.id,
      vpcEndpointType: 'Gateway',
      serviceName: serviceName('s3'),
      routeTableIds: zones.map(({ routeTable }) => routeTable.id),
      tags: tags('endpoint-s3'),
    }, options),
    ...interfaceServices.map((service) => new VpcEndpoint(`endpoint-${service}`, {
      vpcId: vpc.id,
      vpcEndpointType: 'Interface',
      serviceName: serviceName(service),
      privateDnsEnabled: true,
      subnetIds: zones.map(({ nodeSubnetId }) => nodeSubnetId),
      securityGroupIds: [group('endpoints')],
      tags: tags(`endpoint-${service}`),
    }, options)),
  ];
}
