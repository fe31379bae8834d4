import { appendFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Item } from '../../../sandbox/inventory/item.js';
import * as types from '../../../sandbox/aws/types/tokens.js';
import { openCloud, type CloudInMemory } from './cloud-in-memory.js';

let cloud: CloudInMemory;
afterEach(() => cloud.close());

const journal = () => path.join(cloud.home, 'sandbox', 'journal.jsonl');
const tags = { 'clusterwright:cluster': 'demo', 'clusterwright:uid': 'abc', 'clusterwright:resource': 'network' };

describe('inventory', () => {
  it('holds what was answered, even when the process dies in the next write', async () => {
    cloud = await openCloud();
    const { id } = await cloud.create(types.vpc, { cidrBlock: '10.20.0.0/16', tags });
    // Nothing is closed: this is what a SIGKILL leaves, with half a line of a change that nobody was told of.
    await appendFile(journal(), '["items","aws:ec2/vpc:Vpc|vpc-half",{"id":');
    const again = await openCloud({ home: cloud.home });
    expect(again.cloud.inventory.get(types.vpc, id)).toMatchObject({ cluster: 'demo', uid: 'abc', resource: 'network', outputs: { cidrBlock: '10.20.0.0/16' } });
    expect(again.cloud.inventory.withId('vpc-half')).toEqual([]);
  });

  it('forgets what has been overtaken when it is opened', async () => {
    cloud = await openCloud();
    for (let index = 0; index < 20; index += 1) {
      const { id } = await cloud.create(types.vpc, { cidrBlock: '10.20.0.0/16' });
      await cloud.delete(types.vpc, id);
    }
    const before = (await readFile(journal(), 'utf8')).length;
    await openCloud({ home: cloud.home });
    expect((await readFile(journal(), 'utf8')).length).toBeLessThan(before / 10);
  });

  it('tells listeners of creation, change and deletion at once', async () => {
    cloud = await openCloud();
    const heard: string[] = [];
    const stop = cloud.cloud.inventory.subscribe({
      created: (item: Item) => heard.push(`created ${item.type}`),
      updated: (item: Item, before: Item) => heard.push(`updated ${JSON.stringify([before, item].map(({ outputs }) => outputs['enableDnsHostnames']))}`),
      deleted: () => heard.push('deleted'),
    });
    const { id } = await cloud.create(types.vpc, { cidrBlock: '10.20.0.0/16' });
    await cloud.update(types.vpc, id, { cidrBlock: '10.20.0.0/16', enableDnsHostnames: true });
    await cloud.delete(types.vpc, id);
    stop();
    await cloud.create(types.vpc, { cidrBlock: '10.20.0.0/16' });
    expect(heard).toEqual(['created aws:ec2/vpc:Vpc', 'updated [false,true]', 'deleted']);
  });

  it('gives what cannot carry tags to the owner of its parent', async () => {
    cloud = await openCloud();
    const { id: vpcId } = await cloud.create(types.vpc, { cidrBlock: '10.20.0.0/16', tags });
    const { id: routeTableId } = await cloud.create(types.routeTable, { vpcId, tags: { ...tags, 'clusterwright:resource': 'routes' } });
    const { id: subnetId } = await cloud.create(types.subnet, { vpcId, cidrBlock: '10.20.0.0/24', tags });
    const { id } = await cloud.create(types.routeTableAssociation, { routeTableId, subnetId });
    expect(cloud.cloud.inventory.get(types.routeTableAssociation, id)).toMatchObject({ cluster: 'demo', resource: 'routes', parent: { id: routeTableId } });
  });
});

describe('provider', () => {
  it('refuses an account that is not allowed, and roles that cannot be assumed', async () => {
    cloud = await openCloud();
    await expect(openCloud({ args: { allowedAccountIds: ['999999999999'] } })).rejects.toThrow('AWS account ID not allowed: 123456789012');
    await expect(openCloud({ args: { assumeRoles: [{ roleArn: 'arn:aws:iam::123456789012:role/nobody' }] } })).rejects.toThrow(/AccessDenied.*sts:AssumeRole/);
  });

  it('merges default tags into the tags of what can carry them', async () => {
    cloud = await openCloud({ args: { defaultTags: { tags: { 'clusterwright:cluster': 'demo', Team: 'a' } } } });
    const { outputs } = await cloud.create(types.vpc, { cidrBlock: '10.20.0.0/16', tags: { Team: 'b' } });
    expect(outputs['tagsAll']).toEqual({ 'clusterwright:cluster': 'demo', Team: 'b' });
  });

  it('refuses unknown types and functions loudly', async () => {
    cloud = await openCloud();
    await expect((async () => cloud.create('aws:sqs/queue:Queue', {}))()).rejects.toThrow(/does not imitate resource type aws:sqs\/queue:Queue/);
    await expect(cloud.session.invoke({ token: 'aws:index/getIpRanges:getIpRanges', args: {}, signal: new AbortController().signal })).rejects.toThrow(/does not imitate function aws:index\/getIpRanges/);
  });
});

describe('faults', () => {
  it('fail a creation without an effect, lose an answer with one, and wait out throttling', async () => {
    cloud = await openCloud();
    const vpc = () => cloud.create(types.vpc, { cidrBlock: '10.20.0.0/16', tags });
    cloud.sandbox.faults.add({ kind: 'fail', type: types.vpc, operation: 'create', times: 1, message: 'VpcLimitExceeded: no more' });
    await expect(vpc()).rejects.toThrow('VpcLimitExceeded: no more');
    expect(cloud.cloud.inventory.list('demo')).toHaveLength(0);
    cloud.sandbox.faults.add({ kind: 'lose-answer', cluster: 'demo', resource: 'network', times: 1 });
    await expect(vpc()).rejects.toThrow(/connection reset/);
    expect(cloud.cloud.inventory.list('demo')).toHaveLength(1);
    cloud.sandbox.faults.add({ kind: 'throttle', times: 3 });
    await vpc();
    cloud.sandbox.faults.add({ kind: 'throttle', times: 26 });
    await expect(vpc()).rejects.toThrow(/ThrottlingException: Rate exceeded/);
    expect(cloud.sandbox.faults.list()).toEqual([]);
  });
});

describe('clock', () => {
  it('lets creations take as long as in the cloud, times the factor, and can be advanced', async () => {
    cloud = await openCloud({ latency: 1 });
    await expect(cloud.create(types.loadBalancer, { name: 'api', loadBalancerType: 'network', internal: true, subnets: [] })).rejects.toThrow(/At least one subnet/);
    const vpc = cloud.create(types.vpc, { cidrBlock: '10.20.0.0/16' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    const [pending] = cloud.cloud.inventory.ofType(types.vpc).filter(({ readyAt }) => readyAt > cloud.sandbox.clock.now());
    expect(pending).toBeDefined();
    cloud.sandbox.clock.advance(12);
    await expect(vpc).resolves.toMatchObject({ id: pending?.id });
  });
});
