import { beforeAll, describe, expect, it } from 'vitest';
import { costlyParts } from '../../../../model/cost.js';
import { tagKeys } from '../../../../model/names.js';
import { podRanges } from '../../../../model/vpc-cni.js';
import { nodeFactsOf } from '../../../../sandbox/kubernetes/nodes/node-facts.js';
import { inputOf, specOf } from '../../../support/infrastructure-input.js';
import { poolShape } from '../../../../programs/aws/node-pools.js';
import { declaredBy, inputsOf, type Declared } from './declared.js';

/** Types of the program that take no tags. */
const untaggable = new Set([
  'aws:kms/alias:Alias', 'aws:ec2/route:Route', 'aws:ec2/routeTableAssociation:RouteTableAssociation', 'aws:ec2/subnetCidrReservation:SubnetCidrReservation',
  'aws:ec2/volumeAttachment:VolumeAttachment', 'aws:lb/targetGroupAttachment:TargetGroupAttachment', 'aws:iam/rolePolicy:RolePolicy', 'aws:route53/record:Record',
  'aws:route53/zoneAssociation:ZoneAssociation', 'aws:s3/bucketVersioning:BucketVersioning', 'aws:s3/bucketPolicy:BucketPolicy',
  'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock', 'aws:s3/bucketOwnershipControls:BucketOwnershipControls',
  'aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration',
  'aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration',
]);

/** Longest physical names, by type and property. */
const nameLimits: readonly (readonly [type: string, property: string, limit: number])[] = [
  ['aws:s3/bucket:Bucket', 'bucket', 63], ['aws:lb/loadBalancer:LoadBalancer', 'name', 32], ['aws:lb/targetGroup:TargetGroup', 'name', 32],
  ['aws:iam/role:Role', 'name', 64], ['aws:iam/instanceProfile:InstanceProfile', 'name', 128], ['aws:ec2/launchTemplate:LaunchTemplate', 'name', 128],
];

const cloud = (declared: readonly Declared[]): Declared[] => declared.filter(({ type }) => type.startsWith('aws:'));
const names = (declared: readonly Declared[], type: string): string[] => Object.keys(inputsOf(declared, type)).sort();
const tagsOf = ({ type, inputs }: Declared): Record<string, string> => {
  const tags = inputs['tags'];
  if (type !== 'aws:autoscaling/group:Group') return (tags ?? {}) as Record<string, string>;
  return Object.fromEntries((tags as { key: string; value: string }[]).map(({ key, value }) => [key, value]));
};

const longestName = 'a'.repeat(24);
const gpuPool = { name: 'p'.repeat(12), machineType: 'm7i.xlarge', minNodes: 0, maxNodes: 4, labels: { tier: 'gpu' }, taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] };

describe('aws infrastructure program', () => {
  // Each run takes the SDK a second, and one process can only do one at a time.
  let production: Declared[], development: Declared[], open: Declared[], amazon: Declared[];
  beforeAll(async () => {
    production = await declaredBy(inputOf(await specOf('production')));
    development = await declaredBy(inputOf(await specOf('development')));
    open = await declaredBy(inputOf(await specOf('production', { name: longestName, network: { apiServer: { public: true, allowedCidrs: ['203.0.113.0/24'] } }, nodePools: [gpuPool] })));
    amazon = await declaredBy(inputOf(await specOf('production', { platform: { cni: 'aws-vpc-cni' } })));
  }, 60_000);

  it('tags everything that can be tagged, each part with a name of its own within its type', async () => {
    const declared = cloud(production);
    for (const resource of declared.filter(({ type }) => !untaggable.has(type))) {
      expect(tagsOf(resource), `${resource.type} ${resource.name}`).toMatchObject({
        [tagKeys.cluster]: 'payments-prod', [tagKeys.uid]: 'abc123def456', [tagKeys.installation]: '01JCINSTALLATION0000000000',
      });
    }
    const parts = declared.filter(({ type }) => !untaggable.has(type)).map((resource) => `${resource.type} ${tagsOf(resource)[tagKeys.resource] ?? ''}`);
    expect(parts.filter((part, index) => parts.indexOf(part) < index)).toEqual([]);
  });

  it('keeps half of each zone for the blocks of pods of Amazon\'s network, and gives that alone the rights to them', () => {
    const reservations = (declared: readonly Declared[]) => Object.values(inputsOf(declared, 'aws:ec2/subnetCidrReservation:SubnetCidrReservation')).filter(({ reservationType }) => reservationType === 'prefix').map(({ cidrBlock }) => cidrBlock);
    expect(reservations(amazon)).toEqual(podRanges('10.20.0.0/16'));
    expect(reservations(production)).toEqual([]);
    const policies = Object.entries(inputsOf(amazon, 'aws:iam/rolePolicy:RolePolicy')).filter(([, { policy }]) => String(policy).includes('AssignPrivateIpAddresses'));
    expect(policies).toEqual([['addon-pod-network', expect.objectContaining({ policy: expect.stringContaining('vpc/vpc-id"') as string })]]);
    expect(names(production, 'aws:iam/role:Role')).not.toContain('addon-pod-network');
  });

  it('keeps physical names within every limit for the longest names', async () => {
    const declared = cloud(open);
    for (const [type, property, limit] of nameLimits) {
      for (const inputs of Object.values(inputsOf(declared, type))) expect(String(inputs[property]).length).toBeLessThanOrEqual(limit);
    }
  });

  it('gives no machine a public address, an older metadata service or an open disk', async () => {
    const declared = production;
    for (const inputs of Object.values(inputsOf(declared, 'aws:ec2/instance:Instance'))) {
      expect(inputs).toMatchObject({ associatePublicIpAddress: false, metadataOptions: { httpTokens: 'required', httpPutResponseHopLimit: 1 }, rootBlockDevice: { volumeType: 'gp3', encrypted: true } });
      expect(inputs['keyName']).toBeUndefined();
    }
    for (const inputs of Object.values(inputsOf(declared, 'aws:ec2/launchTemplate:LaunchTemplate'))) {
      expect(inputs).toMatchObject({
        networkInterfaces: [{ associatePublicIpAddress: 'false' }], metadataOptions: { httpTokens: 'required', httpPutResponseHopLimit: 1 },
        blockDeviceMappings: [{ ebs: { encrypted: 'true' } }],
      });
    }
    for (const inputs of Object.values(inputsOf(declared, 'aws:ebs/volume:Volume'))) expect(inputs).toMatchObject({ type: 'gp3', encrypted: true, size: 64 });
  });

  it('keeps the storage driver\'s hands off etcd disks', async () => {
    const declared = production;
    for (const resource of declared.filter(({ type }) => type === 'aws:ebs/volume:Volume')) expect(tagsOf(resource)).not.toHaveProperty('kubernetes.io/cluster/payments-prod');
  });

  it('shows the autoscaler its pools, and what nodes will look like', async () => {
    const group = open.find(({ type }) => type === 'aws:autoscaling/group:Group');
    expect(group?.inputs).toMatchObject({ minSize: 0, maxSize: 4, launchTemplate: { version: '$Default' } });
    expect(group && tagsOf(group)).toMatchObject({
      'k8s.io/cluster-autoscaler/enabled': 'true',
      [`k8s.io/cluster-autoscaler/${longestName}`]: 'owned',
      'k8s.io/cluster-autoscaler/node-template/label/tier': 'gpu',
      'k8s.io/cluster-autoscaler/node-template/taint/gpu': 'yes:NoSchedule',
      [`kubernetes.io/cluster/${longestName}`]: 'owned',
    });
  });

  it('leaves the number of machines to the group: one that is sent could lie outside new bounds', () => {
    for (const inputs of Object.values(inputsOf(production, 'aws:autoscaling/group:Group'))) expect(inputs).not.toHaveProperty('desiredCapacity');
  });

  it('names a pool\'s launch template after what its machines are made of, not after its bounds', async () => {
    const shape = async (pool: object) => {
      const spec = await specOf('production', { nodePools: [{ name: 'general', machineType: 'm7i.large', ...pool }] });
      return spec.nodePools.map((resolved) => poolShape(spec.kubernetesVersion, resolved));
    };
    const plain = await shape({});
    expect(await shape({ minNodes: 0, maxNodes: 50 })).toEqual(plain);
    expect(await shape({ labels: { a: '1', b: '2' } })).toEqual(await shape({ labels: { b: '2', a: '1' } }));
    for (const other of [{ labels: { tier: 'a' } }, { diskGiB: 200 }, { machineType: 'm7i.xlarge' }]) expect(await shape(other)).not.toEqual(plain);
  });

  it('spreads five control planes over three zones with addresses of their own', async () => {
    const declared = await declaredBy(inputOf(await specOf('hardened')));
    const machines = Object.values(inputsOf(declared, 'aws:ec2/instance:Instance'));
    expect(machines.map(({ privateIp }) => privateIp).sort()).toEqual(['10.20.0.16', '10.20.0.17', '10.20.128.16', '10.20.64.16', '10.20.64.17']);
    expect(machines.every(({ monitoring }) => monitoring === true)).toBe(true);
    expect(inputsOf(declared, 'aws:ec2/flowLog:FlowLog')['flow-logs']).toMatchObject({ trafficType: 'ALL' });
  });

  it('has one control plane more while an upgrade replaces them, leads nobody to the one that is to go, and makes each kind of machine in its own minor', async () => {
    const rollout = { controlPlane: '1.36', pools: '1.35', surge: true } as const;
    const declared = await declaredBy(inputOf(await specOf('production', { kubernetesVersion: '1.36' }), { rollout, leaving: 2 }));
    const instances = inputsOf(declared, 'aws:ec2/instance:Instance');

    expect(Object.keys(instances).sort()).toEqual(['cp-1', 'cp-2', 'cp-3', 'cp-4']);
    expect(instances['cp-4']).toMatchObject({ privateIp: '10.20.0.17' });
    expect(names(declared, 'aws:lb/targetGroupAttachment:TargetGroupAttachment')).toEqual(['api-cp-1', 'api-cp-3', 'api-cp-4']);
    const minorIn = (userData: unknown) => nodeFactsOf(Buffer.from(String(userData), 'base64'))?.kubernetesVersion;
    expect(minorIn(instances['cp-4']?.['userDataBase64'])).toBe('1.36');
    expect(Object.values(inputsOf(declared, 'aws:ec2/launchTemplate:LaunchTemplate')).map(({ userData }) => minorIn(userData))).toEqual(['1.35']);
    expect(inputsOf(declared, 'pulumi:index:Stash')['record']).toMatchObject({ input: { rollout } });
    expect(inputsOf(production, 'pulumi:index:Stash')['record']?.['input']).not.toHaveProperty('rollout');
  });

  it('has one NAT gateway where the spec says so, with a way out for each zone', async () => {
    const declared = development;
    expect(names(declared, 'aws:ec2/natGateway:NatGateway')).toEqual(['nat-a']);
    expect(names(declared, 'aws:ec2/route:Route').filter((name) => name.endsWith('-nat'))).toEqual(['route-node-a-nat', 'route-node-b-nat', 'route-node-c-nat']);
  });

  it('makes as many of what costs money as plans count', async () => {
    for (const [declared, spec] of [[production, await specOf('production')], [development, await specOf('development')]] as const) {
      const count = (what: string) => costlyParts(spec, 'minNodes').find((part) => part.what.startsWith(what))?.count ?? 0;
      expect(names(declared, 'aws:ec2/natGateway:NatGateway')).toHaveLength(count('NAT gateways'));
      expect(names(declared, 'aws:ec2/instance:Instance')).toHaveLength(count('control planes'));
      expect(names(declared, 'aws:ebs/volume:Volume')).toHaveLength(count('etcd disks'));
      expect(names(declared, 'aws:kms/key:Key')).toHaveLength(count('keys'));
      expect(names(declared, 'aws:route53/zone:Zone')).toHaveLength(count('private DNS zones'));
      const endpoints = Object.values(inputsOf(declared, 'aws:ec2/vpcEndpoint:VpcEndpoint')).filter(({ vpcEndpointType }) => vpcEndpointType === 'Interface');
      expect(endpoints.flatMap(({ subnetIds }) => subnetIds)).toHaveLength(count('private endpoints'));
      // The ingress's own is made by the cluster.
      expect(names(declared, 'aws:lb/loadBalancer:LoadBalancer')).toHaveLength(count('load balancers') - Number(spec.platform.ingress !== 'none'));
    }
  });

  it('has a public load balancer only where the spec says so, beside the internal one', async () => {
    const internal = production;
    expect(names(internal, 'aws:lb/loadBalancer:LoadBalancer')).toEqual(['api']);
    expect(inputsOf(internal, 'aws:lb/loadBalancer:LoadBalancer')['api']).toMatchObject({ internal: true, loadBalancerType: 'network' });

    const both = open;
    expect(names(both, 'aws:lb/loadBalancer:LoadBalancer')).toEqual(['api', 'api-public']);
    expect(inputsOf(both, 'aws:lb/loadBalancer:LoadBalancer')['api-public']).toMatchObject({ internal: false, securityGroups: ['security-group-public-load-balancer-id'] });
    expect(names(both, 'aws:lb/targetGroupAttachment:TargetGroupAttachment')).toContain('api-public-cp-1');
  });

  it('gives add-ons roles only with workload identity, and only those that the platform has', async () => {
    const addonRoles = (declared: readonly Declared[]) => names(declared, 'aws:iam/role:Role').filter((name) => name.startsWith('addon-'));
    const withIdentity = development;
    expect(addonRoles(withIdentity)).toEqual(['addon-cloud-controller-manager', 'addon-disk-csi']);

    // A request cannot ask for it yet; the program is ready for it.
    const spec = await specOf('development');
    const without = await declaredBy(inputOf({ ...spec, network: { ...spec.network, workloadIdentity: false } }));
    expect(addonRoles(without)).toEqual([]);
    expect(names(without, 'aws:s3/bucket:Bucket')).toEqual(['backups']);
    expect(names(without, 'aws:iam/openIdConnectProvider:OpenIdConnectProvider')).toEqual([]);
    const rights = (declared: readonly Declared[]) => String(inputsOf(declared, 'aws:iam/rolePolicy:RolePolicy')['control-plane']?.['policy']);
    expect(rights(without)).toContain('ec2:AttachVolume');
    expect(rights(withIdentity)).not.toContain('ec2:AttachVolume');
  });
});
