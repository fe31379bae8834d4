import { Instance } from '@pulumi/aws/ec2/instance.js';
import { SecurityGroup } from '@pulumi/aws/ec2/securityGroup.js';
import { Subnet } from '@pulumi/aws/ec2/subnet.js';
import { Vpc } from '@pulumi/aws/ec2/vpc.js';
import { getAvailabilityZonesOutput } from '@pulumi/aws/getAvailabilityZones.js';
import { Listener } from '@pulumi/aws/lb/listener.js';
import { LoadBalancer } from '@pulumi/aws/lb/loadBalancer.js';
import { TargetGroup } from '@pulumi/aws/lb/targetGroup.js';
import { TargetGroupAttachment } from '@pulumi/aws/lb/targetGroupAttachment.js';
import { Provider } from '@pulumi/aws/provider.js';
import { getParameterOutput } from '@pulumi/aws/ssm/getParameter.js';
import { SecurityGroupIngressRule } from '@pulumi/aws/vpc/securityGroupIngressRule.js';
import * as pulumi from '@pulumi/pulumi';

/** What a test changes from one operation to the next. */
export interface Knobs {
  readonly cluster: string;
  readonly port: number;
  readonly instanceType: string;
  readonly allowedAccountIds: string[];
  /** Planted into the user data as a secret. */
  readonly secret: string;
}

export const knobs: Knobs = { cluster: 'demo', port: 6443, instanceType: 'm7i.large', allowedAccountIds: ['123456789012'], secret: 'planted-user-data' };

const image = '/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id';

/** A small cluster: network over three zones, one machine behind a load balancer. */
export function networkProgram({ cluster, port, instanceType, allowedAccountIds, secret }: Knobs): () => Promise<Record<string, unknown>> {
  return () => {
    const tagged = { 'clusterwright:cluster': cluster, 'clusterwright:uid': 'abc123def456' };
    const provider = new Provider('aws', { region: 'eu-west-1', allowedAccountIds, assumeRoles: [{ roleArn: 'arn:aws:iam::123456789012:role/clusterwright', externalId: 'x' }], defaultTags: { tags: tagged } });
    const part = (resource: string) => ({ tags: { 'clusterwright:resource': resource } });
    const options = { provider };
    const vpc = new Vpc('vpc', { cidrBlock: '10.20.0.0/16', enableDnsHostnames: true, ...part('vpc') }, options);
    const zones = getAvailabilityZonesOutput({ state: 'available' }, options).names;
    const subnets = [0, 1, 2].map((index) => new Subnet(`subnet-${index}`, { vpcId: vpc.id, cidrBlock: `10.20.${index}.0/24`, availabilityZone: zones.apply((names) => names[index] ?? ''), ...part(`subnet-${index}`) }, options));
    const subnetIds = subnets.map(({ id }) => id);
    const group = new SecurityGroup('nodes', { name: `${cluster}-nodes`, vpcId: vpc.id, ...part('nodes') }, options);
    new SecurityGroupIngressRule('api', { securityGroupId: group.id, ipProtocol: 'tcp', fromPort: port, toPort: port, cidrIpv4: '10.20.0.0/16', ...part('api-rule') }, options);
    const machine = new Instance('cp-1', {
      ami: getParameterOutput({ name: image }, options).value,
      instanceType,
      subnetId: subnetIds[0],
      vpcSecurityGroupIds: [group.id],
      userData: pulumi.secret(secret),
      ...part('cp-1'),
    }, options);
    const balancer = new LoadBalancer('api', { name: `${cluster}-api`, loadBalancerType: 'network', internal: true, subnets: subnetIds, ...part('api') }, options);
    const targets = new TargetGroup('api', { name: `${cluster}-api`, port: 6443, protocol: 'TCP', vpcId: vpc.id, healthCheck: { protocol: 'HTTPS', path: '/readyz' }, ...part('targets') }, options);
    new Listener('api', { loadBalancerArn: balancer.arn, port: 6443, protocol: 'TCP', defaultActions: [{ type: 'forward', targetGroupArn: targets.arn }], ...part('listener') }, options);
    new TargetGroupAttachment('api-cp-1', { targetGroupArn: targets.arn, targetId: machine.id }, options);
    return Promise.resolve({ address: balancer.dnsName, vpcId: vpc.id, machineId: machine.id });
  };
}
