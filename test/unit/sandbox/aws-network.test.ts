import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as types from '../../../sandbox/aws/types/tokens.js';
import { openCloud, type CloudInMemory } from './cloud-in-memory.js';

let cloud: CloudInMemory;
let vpcId: string;

beforeEach(async () => {
  cloud = await openCloud();
  vpcId = (await cloud.create(types.vpc, { cidrBlock: '10.20.0.0/16', enableDnsHostnames: true })).id;
});
afterEach(() => cloud.close());

const subnet = (cidrBlock: string, availabilityZone = 'eu-west-1a') => cloud.create(types.subnet, { vpcId, cidrBlock, availabilityZone });

describe('aws vpc', () => {
  it.each([
    ['10.0.0.0/8', /between \/16 and \/28/],
    ['10.20.0.0/29', /between \/16 and \/28/],
    ['10.20.1.0/16', /did you mean 10\.20\.0\.0\/16/],
    ['10.20.0.0', /not a valid IPv4 CIDR/],
  ])('refuses the range %s', async (cidrBlock, reason) => {
    await expect(cloud.create(types.vpc, { cidrBlock })).rejects.toThrow(reason);
  });

  it('refuses a property that the SDK does not know, and a value of the wrong kind', async () => {
    await expect(cloud.create(types.vpc, { cidrBlock: '10.1.0.0/16', cidr: 'x' })).rejects.toThrow(/"cidr" is not expected here/);
    await expect(cloud.create(types.vpc, { cidrBlock: ['10.1.0.0/16'] })).rejects.toThrow(/expected a string/);
  });

  it('cannot go while a subnet is in it', async () => {
    const { id } = await subnet('10.20.0.0/20');
    await expect(cloud.delete(types.vpc, vpcId)).rejects.toThrow(/api error DependencyViolation: The vpc 'vpc-\w+' has dependencies and cannot be deleted/);
    await cloud.delete(types.subnet, id);
    await cloud.delete(types.vpc, vpcId);
    expect(cloud.cloud.inventory.get(types.vpc, vpcId)).toBeUndefined();
  });
});

describe('aws subnet', () => {
  it('refuses a range outside its vpc', () => expect(subnet('10.30.0.0/20')).rejects.toThrow(/InvalidSubnet\.Range/));

  it('refuses a range that overlaps another subnet', async () => {
    await subnet('10.20.0.0/20');
    await expect(subnet('10.20.8.0/24')).rejects.toThrow(/InvalidSubnet\.Conflict/);
  });

  it('refuses a zone of another region', () => expect(subnet('10.20.0.0/20', 'eu-central-1a')).rejects.toThrow(/only be created in the following availability zones: eu-west-1a/));

  it('refuses a vpc that does not exist', () =>
    expect(cloud.create(types.subnet, { vpcId: 'vpc-0123', cidrBlock: '10.20.0.0/20' })).rejects.toThrow(/InvalidVpcID\.NotFound: The vpc ID 'vpc-0123' does not exist/));
});

describe('aws nat gateway', () => {
  it('needs an internet gateway in its vpc, and holds its address until it is gone', async () => {
    const { id: subnetId } = await subnet('10.20.0.0/20');
    const { id: allocationId } = await cloud.create(types.eip, { domain: 'vpc' });
    await expect(cloud.create(types.natGateway, { subnetId, allocationId })).rejects.toThrow(/Gateway\.NotAttached/);
    const { id: gatewayId } = await cloud.create(types.internetGateway, { vpcId });
    const { id } = await cloud.create(types.natGateway, { subnetId, allocationId });
    await expect(cloud.create(types.natGateway, { subnetId, allocationId })).rejects.toThrow(/Resource\.AlreadyAssociated/);
    await expect(cloud.delete(types.eip, allocationId)).rejects.toThrow(/InvalidIPAddress\.InUse/);
    await expect(cloud.delete(types.internetGateway, gatewayId)).rejects.toThrow(/mapped public address/);
    await cloud.delete(types.natGateway, id);
    await cloud.delete(types.eip, allocationId);
    await cloud.delete(types.internetGateway, gatewayId);
  });
});

describe('aws routes', () => {
  it('exist once per destination, and a table in use stays', async () => {
    const { id: routeTableId } = await cloud.create(types.routeTable, { vpcId });
    const { id: gatewayId } = await cloud.create(types.internetGateway, { vpcId });
    await cloud.create(types.route, { routeTableId, destinationCidrBlock: '0.0.0.0/0', gatewayId });
    await expect(cloud.create(types.route, { routeTableId, destinationCidrBlock: '0.0.0.0/0', gatewayId })).rejects.toThrow(/RouteAlreadyExists/);
    const { id: subnetId } = await subnet('10.20.0.0/20');
    await cloud.create(types.routeTableAssociation, { routeTableId, subnetId });
    await expect(cloud.create(types.routeTableAssociation, { routeTableId, subnetId })).rejects.toThrow(/Resource\.AlreadyAssociated/);
    await expect(cloud.delete(types.routeTable, routeTableId)).rejects.toThrow(/DependencyViolation/);
  });

  it('in the worker\'s table belong to the cluster that they lead to', async () => {
    const { id: own } = await cloud.create(types.vpc, { cidrBlock: '10.40.0.0/16', tags: { 'clusterwright:cluster': 'demo', 'clusterwright:uid': 'abc', 'clusterwright:resource': 'network' } });
    const { id: vpcPeeringConnectionId } = await cloud.create(types.peering, { vpcId: own, peerVpcId: 'vpc-0c1d5e70worker000', autoAccept: true });
    const { id } = await cloud.create(types.route, { routeTableId: 'rtb-0c1d5e70worker000', destinationCidrBlock: '10.40.0.0/16', vpcPeeringConnectionId });
    expect(cloud.cloud.inventory.get(types.route, id)).toMatchObject({ cluster: 'demo', uid: 'abc', resource: 'network' });
  });

  it('between networks that overlap cannot be: the peering fails', async () => {
    const { id } = await cloud.create(types.vpc, { cidrBlock: '10.0.0.0/16' });
    await expect(cloud.create(types.peering, { vpcId: id, peerVpcId: 'vpc-0c1d5e70worker000', autoAccept: true })).rejects.toThrow(/overlapping CIDR range/);
  });
});

describe('aws security groups', () => {
  const group = (name: string) => cloud.create(types.securityGroup, { name, vpcId });
  const rule = (securityGroupId: string, more: Record<string, string | number>) => cloud.create(types.ingressRule, { securityGroupId, ...more });

  it('check rules: ports, protocol, exactly one peer, no duplicates', async () => {
    const { id } = await group('one');
    await expect(rule(id, { ipProtocol: 'tcp', fromPort: 443, toPort: 70_000, cidrIpv4: '0.0.0.0/0' })).rejects.toThrow(/toPort: must be a whole number from -1 to 65535/);
    await expect(rule(id, { ipProtocol: 'tcp', fromPort: 443, toPort: 22, cidrIpv4: '0.0.0.0/0' })).rejects.toThrow(/fromPort 443 is above toPort 22/);
    await expect(rule(id, { ipProtocol: 'tcpp', fromPort: 1, toPort: 2, cidrIpv4: '0.0.0.0/0' })).rejects.toThrow(/"tcpp" must be -1, tcp/);
    await expect(rule(id, { ipProtocol: 'tcp', fromPort: 1, toPort: 2 })).rejects.toThrow(/exactly one of cidrIpv4/);
    await rule(id, { ipProtocol: 'tcp', fromPort: 443, toPort: 443, cidrIpv4: '0.0.0.0/0' });
    await expect(rule(id, { ipProtocol: 'tcp', fromPort: 443, toPort: 443, cidrIpv4: '0.0.0.0/0' })).rejects.toThrow(/InvalidPermission\.Duplicate/);
  });

  it('stay while another group\'s rule names them', async () => {
    const [{ id: one }, { id: other }] = [await group('one'), await group('other')];
    const { id } = await rule(one, { ipProtocol: '-1', referencedSecurityGroupId: other });
    await expect(cloud.delete(types.securityGroup, other)).rejects.toThrow(/has a dependent object/);
    await cloud.delete(types.ingressRule, id);
    await cloud.delete(types.securityGroup, other);
  });

  it('have names of their own in a vpc', async () => {
    await group('one');
    await expect(group('one')).rejects.toThrow(/InvalidGroup\.Duplicate/);
  });
});
