import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { clusterTags } from '../../../model/names.js';
import * as tokens from '../../../sandbox/aws/types/tokens.js';
import { facts, openBusyCluster, owned, region, tags, type BusyCluster } from './busy-cluster.js';

let pay: BusyCluster;

beforeEach(async () => {
  pay = await openBusyCluster();
});
afterEach(() => pay.close());

describe('the search for what is left', () => {
  const search = async (keys: string[] = []) => (await pay.cloud.findRemains(pay.scope, keys.map((arn) => ({ type: tokens.key, id: undefined, arn })))).found;

  it('reads what the index of tags still shows', async () => {
    const machine = pay.make(tokens.instance, { ami: 'ami-0123456789abcdef0', instanceType: 'm7i.large', subnetId: pay.ofType(tokens.subnet)[0]?.id ?? '', tags: tags('control-plane-1') });
    expect((await search()).map(({ kind }) => kind)).toContain(tokens.instance);

    pay.sandbox.inventory.delete(machine);

    const index = new ResourceGroupsTaggingAPIClient({ endpoint: pay.aws.endpoint, region, credentials: { accessKeyId: 'sandbox', secretAccessKey: 'sandbox' } });
    const { ResourceTagMappingList = [] } = await index.send(new GetResourcesCommand({ TagFilters: [{ Key: 'clusterwright:uid', Values: [facts.uid] }] }));
    expect(ResourceTagMappingList.map(({ ResourceARN }) => ResourceARN)).toContain(machine.outputs['arn']);
    expect((await search()).map(({ kind }) => kind)).not.toContain(tokens.instance);
  });

  it('finds roles by name, secrets by path, and what Kubernetes made', async () => {
    pay.make(tokens.role, { name: 'pay-u1b2c3-worker', assumeRolePolicy: '{"Version":"2012-10-17","Statement":[]}' });
    pay.make(tokens.role, { name: 'pay-v9v9v9-worker', assumeRolePolicy: '{"Version":"2012-10-17","Statement":[]}' });
    pay.aws.parameters.put(region, `/clusterwright/${facts.uid}/join/token`, 'abc', 'SecureString');
    await pay.balancer('web');

    const ids = (await search()).map(({ id }) => id.slice(id.lastIndexOf('/') + 1));

    expect(ids).toEqual(expect.arrayContaining(['pay-u1b2c3-worker', 'token', pay.ofType(tokens.classicLoadBalancer)[0]?.id]));
    expect(ids).not.toContain('pay-v9v9v9-worker');
  });

  it('asks the cloud until when it keeps a deleted key', async () => {
    const key = pay.make(tokens.key, { description: 'k', deletionWindowInDays: 7, tags: tags('key') });
    const arn = z.string().parse(key.outputs['arn']);
    expect((await search()).find(({ id }) => id === arn)?.keptUntil).toBeUndefined();

    pay.sandbox.inventory.delete(key);

    const until = pay.sandbox.inventory.kept('pay').find(({ id }) => id === key.id)?.until ?? 0;
    expect((await search([arn])).find(({ id }) => id === arn)?.keptUntil).toBe(new Date(until).toISOString());
    pay.sandbox.clock.advance(8 * 86_400);
    expect((await search([arn])).find(({ id }) => id === arn)).toBeUndefined();
  });
});

describe('draining by tag', () => {
  it('deletes what the cluster made, in the order that the cloud demands', async () => {
    await pay.balancer('web');
    await pay.balancer('edge', { 'service.beta.kubernetes.io/aws-load-balancer-type': 'nlb' });
    await pay.database(2);

    const first = await pay.cloud.removeMadeByKubernetes(pay.scope);

    expect(first.remaining).toEqual([]);
    expect(first.removed).toHaveLength(6);
    expect(await pay.made()).toEqual([]);
    expect(pay.ofType(tokens.securityGroup).map(({ outputs }) => outputs['name'])).toEqual(['pay-nodes']);
  });

  it('finds and deletes interfaces that the pod network left behind, without which no subnet could go', async () => {
    const [subnet] = pay.ofType(tokens.subnet);
    const leaked = pay.make(tokens.networkInterface, { subnetId: subnet?.id ?? '', tags: { ...owned, 'clusterwright:uid': facts.uid, 'clusterwright:cluster': 'pay', 'node.k8s.amazonaws.com/instance_id': 'i-0123456789abcdef0' } });
    pay.make(tokens.networkInterface, { subnetId: subnet?.id ?? '', tags: { Name: 'somebody else\'s' } });
    expect((await pay.cloud.findRemains(pay.scope, [])).found).toContainEqual(expect.objectContaining({ kind: tokens.networkInterface, id: leaked.outputs['arn'] }));

    const { removed } = await pay.cloud.removeMadeByKubernetes(pay.scope);

    expect(removed).toMatchObject([{ kind: tokens.networkInterface, id: leaked.outputs['arn'] }]);
    expect(pay.ofType(tokens.networkInterface)).toHaveLength(1);
  });

  it('leaves alone what is not the cluster\'s: the stack\'s parts, other networks, other creations of the name', async () => {
    const others = { name: 'pay', uid: 'v9v9v9v9v9v9', installation: 'i2' };
    const elsewhere = pay.make(tokens.vpc, { cidrBlock: '10.30.0.0/16', tags: clusterTags(others, 'vpc') });
    pay.make(tokens.securityGroup, { name: 'k8s-elb-other', description: 'other', vpcId: elsewhere.id, tags: owned });
    const disk = (more: Record<string, string>) => pay.make(tokens.volume, { availabilityZone: `${region}a`, size: 8, tags: { ...owned, ...more } });
    disk(clusterTags(others, 'volume'));
    disk({});
    const part = disk(tags('control-plane-1-etcd'));
    await pay.claim('data');

    const { removed } = await pay.cloud.removeMadeByKubernetes({ ...pay.scope, known: new Set([...pay.scope.known, part.id]) });

    expect(removed.map(({ kind }) => kind)).toEqual([tokens.volume]);
    expect(pay.ofType(tokens.volume)).toHaveLength(3);
    expect(pay.ofType(tokens.securityGroup)).toHaveLength(2);
  });

  it('waits for disks that are in use', async () => {
    await pay.claim('data');
    const [volume] = pay.ofType(tokens.volume);
    const machine = pay.make(tokens.instance, { ami: 'ami-0123456789abcdef0', instanceType: 'm7i.large', subnetId: pay.ofType(tokens.subnet)[0]?.id ?? '' });
    const attachment = pay.make(tokens.volumeAttachment, { instanceId: machine.id, volumeId: volume?.id ?? '', deviceName: '/dev/sdf' });

    expect(await pay.cloud.removeMadeByKubernetes(pay.scope)).toMatchObject({ removed: [], remaining: [{ kind: tokens.volume }] });
    pay.sandbox.inventory.delete(attachment);
    expect(await pay.cloud.removeMadeByKubernetes(pay.scope)).toMatchObject({ removed: [{ kind: tokens.volume }], remaining: [] });
  });
});
