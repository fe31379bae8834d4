import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as types from '../../../sandbox/aws/types/tokens.js';
import { openCloud, type CloudInMemory } from './cloud-in-memory.js';

let cloud: CloudInMemory;
let vpcId: string;
let subnets: string[];

beforeEach(async () => {
  cloud = await openCloud();
  vpcId = (await cloud.create(types.vpc, { cidrBlock: '10.20.0.0/16' })).id;
  subnets = [];
  for (const [index, letter] of ['a', 'b', 'c'].entries()) {
    subnets.push((await cloud.create(types.subnet, { vpcId, cidrBlock: `10.20.${index}.0/24`, availabilityZone: `eu-west-1${letter}` })).id);
  }
});
afterEach(() => cloud.close());

const tags = { 'clusterwright:cluster': 'demo', 'clusterwright:uid': 'abc', 'clusterwright:resource': 'pool' };
const image = 'ami-0123456789abcdef0';
const launch = (more = {}) => cloud.create(types.instance, { ami: image, instanceType: 'm7i.large', subnetId: subnets[0] ?? '', ...more });

describe('aws instances', () => {
  it('get the lowest free address of their subnet and a name from it', async () => {
    expect((await launch()).outputs).toMatchObject({ privateIp: '10.20.0.4', privateDns: 'ip-10-20-0-4.eu-west-1.compute.internal', availabilityZone: 'eu-west-1a' });
    expect((await launch()).outputs['privateIp']).toBe('10.20.0.5');
    await expect(launch({ privateIp: '10.20.0.5' })).rejects.toThrow(/InvalidIPAddress\.InUse/);
  });

  it('take at most 16 KiB of user data, counted before base64', async () => {
    await launch({ userDataBase64: Buffer.alloc(16_384, 'x').toString('base64') });
    await expect(launch({ userDataBase64: Buffer.alloc(16_385, 'x').toString('base64') })).rejects.toThrow(/limited to 16384 bytes, has 16385/);
    await expect(launch({ userDataBase64: 'not base64!' })).rejects.toThrow(/BASE64/);
  });

  it('refuse disks that cannot be', async () => {
    const root = (rootBlockDevice: Record<string, string | number>) => launch({ rootBlockDevice: { volumeType: 'gp3', ...rootBlockDevice } });
    await expect(root({ iops: 2000 })).rejects.toThrow(/3000 to 80000 iops/);
    await expect(root({ throughput: 800 })).rejects.toThrow(/need 3200 iops/);
  });

  it('hold on to their subnet, and release their volumes when they go', async () => {
    const { id: instanceId } = await launch();
    const { id: volumeId } = await cloud.create(types.volume, { availabilityZone: 'eu-west-1a', size: 64, type: 'gp3', encrypted: true });
    await cloud.create(types.volumeAttachment, { instanceId, volumeId, deviceName: '/dev/sdf' });
    await expect(cloud.delete(types.volume, volumeId)).rejects.toThrow(/VolumeInUse/);
    await expect(cloud.delete(types.subnet, subnets[0] ?? '')).rejects.toThrow(/DependencyViolation/);
    await cloud.delete(types.instance, instanceId);
    await cloud.delete(types.volume, volumeId);
    await cloud.delete(types.subnet, subnets[0] ?? '');
  });

  it('refuse volumes of another zone', async () => {
    const { id: instanceId } = await launch();
    const { id: volumeId } = await cloud.create(types.volume, { availabilityZone: 'eu-west-1b', size: 64 });
    await expect(cloud.create(types.volumeAttachment, { instanceId, volumeId, deviceName: '/dev/sdf' })).rejects.toThrow(/ZoneMismatch/);
  });
});

describe('aws auto-scaling group', () => {
  const group = async (more = {}) => {
    const { id } = await cloud.create(types.launchTemplate, { name: 'pool', imageId: image, instanceType: 'm7i.xlarge', userData: Buffer.from('#cloud-config\n').toString('base64') });
    const named = Object.entries(tags).map(([key, value]) => ({ key, value, propagateAtLaunch: true }));
    return cloud.create(types.autoScalingGroup, { name: 'pool', minSize: 3, maxSize: 6, vpcZoneIdentifiers: subnets, launchTemplate: { id, version: '$Latest' }, tags: named, ...more });
  };
  const instances = () => cloud.cloud.inventory.ofType(types.instance);

  it('launches its instances over the zones, tagged, and follows its capacity', async () => {
    const { id } = await group();
    expect(instances().map(({ outputs, cluster, resource, parent }) => ({ zone: outputs['availabilityZone'], cluster, resource, parent: parent?.id }))).toEqual(
      ['a', 'b', 'c'].map((letter) => ({ zone: `eu-west-1${letter}`, cluster: 'demo', resource: 'pool', parent: id })),
    );
    const item = cloud.cloud.inventory.get(types.autoScalingGroup, id);
    if (item === undefined) throw new Error('gone');
    cloud.sandbox.drift.mutate(item, { desiredCapacity: 5 });
    expect(instances()).toHaveLength(5);
    await cloud.update(types.autoScalingGroup, id, { ...item.inputs, maxSize: 4 });
    expect(instances()).toHaveLength(4);
  });

  it('replaces an instance that vanished', async () => {
    await group();
    const [victim] = instances();
    if (victim === undefined) throw new Error('none');
    cloud.sandbox.drift.delete(victim);
    await Promise.resolve();
    expect(instances().filter(({ id }) => id !== victim.id)).toHaveLength(3);
  });

  it('takes its instances with it', async () => {
    const { id } = await group();
    await cloud.delete(types.autoScalingGroup, id);
    expect(instances()).toEqual([]);
  });

  it('refuses bounds that contradict each other and template versions that do not exist', async () => {
    await expect(group({ minSize: 7 })).rejects.toThrow(/minSize 7 is above maxSize 6/);
    await expect(cloud.create(types.autoScalingGroup, { name: 'other', minSize: 0, maxSize: 1, vpcZoneIdentifiers: subnets, launchTemplate: { name: 'pool', version: '7' } })).rejects.toThrow(/specified version 7/);
  });
});

describe('aws load balancer', () => {
  it('has a loopback address of its own, which is not given to the next one', async () => {
    const balancer = (name: string) => cloud.create(types.loadBalancer, { name, loadBalancerType: 'network', internal: true, subnets });
    const one = await balancer('one');
    expect(one.outputs['dnsName']).toMatch(/^127\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.\d+\.\d+$/);
    expect((await balancer('two')).outputs['dnsName']).not.toBe(one.outputs['dnsName']);
    await cloud.delete(types.loadBalancer, one.id);
    expect((await balancer('three')).outputs['dnsName']).not.toBe(one.outputs['dnsName']);
  });

  it('holds its target group through a listener', async () => {
    const { id: loadBalancerArn } = await cloud.create(types.loadBalancer, { name: 'api', loadBalancerType: 'network', internal: true, subnets });
    const { id: targetGroupArn } = await cloud.create(types.targetGroup, { name: 'api', port: 6443, protocol: 'TCP', vpcId, preserveClientIp: 'false', healthCheck: { protocol: 'HTTPS', path: '/readyz', interval: 10 } });
    const { id } = await cloud.create(types.listener, { loadBalancerArn, port: 6443, protocol: 'TCP', defaultActions: [{ type: 'forward', targetGroupArn }] });
    await expect(cloud.delete(types.targetGroup, targetGroupArn)).rejects.toThrow(/ResourceInUse/);
    await cloud.delete(types.listener, id);
    await cloud.delete(types.targetGroup, targetGroupArn);
  });

  it('refuses names and health checks that AWS would', async () => {
    const group = (more: Record<string, string | Record<string, string | number>>) => cloud.create(types.targetGroup, { port: 6443, protocol: 'TCP', vpcId, ...more });
    await expect(group({ name: 'a'.repeat(33) })).rejects.toThrow(/1 to 32 characters, has 33/);
    await expect(group({ name: 'ends-' })).rejects.toThrow(/not begin or end with a hyphen/);
    await expect(group({ name: 'ok', healthCheck: { protocol: 'TCP', path: '/' } })).rejects.toThrow(/not supported for health checks of protocol TCP/);
    await expect(group({ name: 'ok', healthCheck: { interval: 10, timeout: 10 } })).rejects.toThrow(/below the interval/);
  });
});

describe('aws identity', () => {
  const trust = '{"Version":"2012-10-17","Statement":[]}';

  it('deletes a role only without policies and profiles', async () => {
    const { id: role } = await cloud.create(types.role, { name: 'worker', assumeRolePolicy: trust });
    const attachment = await cloud.create(types.rolePolicyAttachment, { role, policyArn: 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore' });
    const profile = await cloud.create(types.instanceProfile, { name: 'worker', role });
    await expect(cloud.delete(types.role, role)).rejects.toThrow(/StatusCode: 409.*DeleteConflict: Cannot delete entity, must remove roles from instance profile first/);
    await cloud.delete(types.instanceProfile, profile.id);
    await expect(cloud.delete(types.role, role)).rejects.toThrow(/must detach all policies first/);
    await cloud.delete(types.rolePolicyAttachment, attachment.id);
    await cloud.delete(types.role, role);
  });

  it('refuses names that are too long or taken, and policies that are no JSON', async () => {
    await expect(cloud.create(types.role, { name: 'r'.repeat(65), assumeRolePolicy: trust })).rejects.toThrow(/1 to 64 characters, has 65/);
    await cloud.create(types.role, { name: 'worker', assumeRolePolicy: trust });
    await expect(cloud.create(types.role, { name: 'Worker', assumeRolePolicy: trust })).rejects.toThrow(/EntityAlreadyExists/);
    await expect(cloud.create(types.role, { name: 'other', assumeRolePolicy: '{' })).rejects.toThrow(/invalid JSON/);
  });

  it('keeps a deleted key for its waiting period', async () => {
    const { id } = await cloud.create(types.key, { deletionWindowInDays: 7, tags });
    await cloud.delete(types.key, id);
    expect(cloud.cloud.inventory.list('demo')).toEqual([]);
    expect(cloud.cloud.inventory.kept('demo')).toMatchObject([{ id, reason: 'pending-deletion' }]);
    cloud.sandbox.clock.advance(7 * 86_400 + 1);
    expect(cloud.cloud.inventory.kept('demo')).toEqual([]);
  });
});

describe('aws buckets', () => {
  it('are unique, and go only when empty or when told to', async () => {
    const { id } = await cloud.create(types.bucket, { bucket: 'demo-abc-backups', tags });
    await expect(cloud.create(types.bucket, { bucket: 'demo-abc-backups' })).rejects.toThrow(/BucketAlreadyOwnedByYou/);
    cloud.cloud.objects.put(id, 'one', 'x');
    await expect(cloud.delete(types.bucket, id)).rejects.toThrow(/BucketNotEmpty/);
    await cloud.update(types.bucket, id, { bucket: id, tags, forceDestroy: true });
    await cloud.delete(types.bucket, id);
    expect(cloud.cloud.inventory.list('demo')).toEqual([]);
  });

  it('with versions show what deletions leave behind', async () => {
    const { id } = await cloud.create(types.bucket, { bucket: 'demo-abc-backups', tags });
    await cloud.create(types.bucketVersioning, { bucket: id, versioningConfiguration: { status: 'Enabled' } });
    cloud.cloud.objects.put(id, 'one', 'x');
    cloud.cloud.objects.delete(id, 'one');
    expect(cloud.cloud.inventory.kept('demo')).toMatchObject([{ id: 'demo-abc-backups/one', reason: 'versions' }]);
  });

  it('refuse a public policy until it is allowed', async () => {
    const { id } = await cloud.create(types.bucket, { bucket: 'demo-abc-issuer' });
    const policy = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${id}/*` }] });
    await expect(cloud.create(types.bucketPolicy, { bucket: id, policy })).rejects.toThrow(/AccessDenied/);
    await cloud.create(types.bucketPublicAccessBlock, { bucket: id, blockPublicPolicy: false });
    await cloud.create(types.bucketPolicy, { bucket: id, policy });
  });

  it.each(['Upper', 'ab', 'two..dots', '192.168.0.1', 'xn--x', 'ends-'])('refuse the name %s', async (bucket) => {
    await expect(cloud.create(types.bucket, { bucket })).rejects.toThrow(/bucket name/);
  });
});
