import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { secretName, secretNames } from '../../../model/rendezvous.js';
import { clusterOf, KubernetesCaller, parameterNames } from '../../support/kubernetes.js';
import { shortRequest, type Inventory, type PortalJob } from '../../support/portal.js';
import { useService } from '../../support/use-service.js';

// One service for all: its clusters are made and deleted beside each other.
const { service, portal } = useService();

/** Creates a cluster and answers its job, however that ends. */
function create(name: string): Promise<PortalJob> {
  return portal.change('POST', '/clusters', shortRequest(name));
}

function ofType(inventory: Inventory, type: string): string[] {
  return inventory.items.filter((item) => item.type === type).map(({ id }) => id);
}

/** Makes a load balancer of each kind and disks through the cluster's own API server. */
async function use(name: string, disks: number): Promise<void> {
  const caller = await KubernetesCaller.open(service, await clusterOf(portal, name));
  await caller.makeLoadBalancer('web');
  await caller.makeLoadBalancer('edge', { 'service.beta.kubernetes.io/aws-load-balancer-type': 'nlb' });
  if (disks > 0) await caller.makeDisks('database', disks);
  await caller.close();
}

/** Removes something behind everybody's back; what went with something else is gone already. */
async function removeByHand(id: string, type?: string): Promise<void> {
  const answer = await fetch(`${service.control}/resources/${encodeURIComponent(id)}/delete${type === undefined ? '' : `?type=${encodeURIComponent(type)}`}`, { method: 'POST' });
  expect([200, 404]).toContain(answer.status);
}

/** What a job tells in words. */
async function messages(job: PortalJob): Promise<string[]> {
  const texts: string[] = [];
  for (let page = await portal.events(job.id); page.length > 0; page = await portal.events(job.id, page.at(-1)?.id)) {
    texts.push(...page.flatMap(({ event }) => (event.type === 'message' ? [String(event['text'])] : [])));
  }
  return texts;
}

/** Deletes a cluster and holds the receipt against what the cloud has. */
async function deleteCompletely(name: string): Promise<PortalJob> {
  const job = await portal.change('DELETE', `/clusters/${name}?retain=none`);
  expect(job.error).toBeNull();
  const { items, kept } = await portal.inventory(name);
  expect(items).toEqual([]);
  expect(job.receipt?.leftovers).toEqual([]);
  expect(job.receipt?.checked.filter(({ kind, count }) => count > 0 && kind !== 'aws:kms/key:Key')).toEqual([]);
  const keys = kept.filter(({ type }) => type === 'aws:kms/key:Key');
  expect(job.receipt?.retained.map(({ id, until }) => [id.split('/').at(-1), until])).toEqual(keys.map(({ id, until }) => [id, until]));
  expect((await portal.send('GET', `/clusters/${name}`)).status).toBe(404);
  return job;
}

describe.concurrent('the deletion of a cluster that made load balancers and disks', () => {
  it('has the cluster take them along', async () => {
    expect((await create('maker')).error).toBeNull();
    await use('maker', 3);
    const before = await portal.inventory('maker');
    expect(ofType(before, 'aws:elb/loadBalancer:LoadBalancer')).toHaveLength(1);
    expect(ofType(before, 'aws:lb/loadBalancer:LoadBalancer')).toHaveLength(2);
    expect(before.items.filter(({ resource }) => resource?.startsWith('volume '))).toHaveLength(3);

    const job = await deleteCompletely('maker');

    const told = await messages(job);
    expect(told).toContainEqual(expect.stringContaining('2 services with a load balancer, 3 volume claims, 3 volumes'));
    expect(told.filter((text) => text.includes('by its tags'))).toEqual([]);
    expect(job.receipt?.checked.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['aws:elb/loadBalancer:LoadBalancer', 'aws:ec2/networkInterface:NetworkInterface', 'aws:iam/role:Role']));
  });

  it('finds them by their tags where the API server is out of reach', async () => {
    expect((await create('deaf')).error).toBeNull();
    await use('deaf', 3);
    const cluster = await clusterOf(portal, 'deaf');
    const entry = ofType(await portal.inventory('deaf'), 'aws:lb/loadBalancer:LoadBalancer').find((id) => id.includes(`/deaf-${cluster.uid.slice(0, 6)}-api/`));
    await removeByHand(entry ?? '');

    const told = await messages(await deleteCompletely('deaf'));

    expect(told).toContainEqual(expect.stringContaining('did not answer'));
    expect(told).toContainEqual(expect.stringMatching(/Deleted by its tags.*LoadBalancer.*SecurityGroup.*Volume/));
  });

  it('finds them by their tags where the control plane is gone, with other things that were deleted by hand', async () => {
    expect((await create('headless')).error).toBeNull();
    await use('headless', 1);
    const before = await portal.inventory('headless');
    const gone = ['aws:ec2/natGateway:NatGateway', 'aws:autoscaling/group:Group', 'aws:ec2/flowLog:FlowLog', 'aws:iam/openIdConnectProvider:OpenIdConnectProvider'].flatMap((type) => ofType(before, type).slice(0, 1));
    const machines = before.items.filter(({ type, resource }) => type === 'aws:ec2/instance:Instance' && resource?.startsWith('cp-')).map(({ id }) => id);
    expect(machines).toHaveLength(1);
    for (const id of [...machines, ...gone]) await removeByHand(id);

    await deleteCompletely('headless');
  });
});

describe.concurrent('the deletion of a half-made cluster', () => {
  it('drains a cluster whose platform is half installed', async () => {
    await portal.plantFault({ kind: 'fail', type: 'kubernetes:helm.sh/v3:Release', operation: 'create', cluster: 'torso', resource: 'release-aws-ebs-csi-driver', message: 'it does not install', times: 5 });
    expect((await create('torso')).state).toBe('failed');
    await use('torso', 2);
    expect(ofType(await portal.inventory('torso'), 'aws:elb/loadBalancer:LoadBalancer')).toHaveLength(1);

    await deleteCompletely('torso');
  });

  it('says truly what is left where its stack is missing, and ends when that is gone', async () => {
    await portal.plantFault({ kind: 'fail', type: 'aws:autoscaling/group:Group', operation: 'create', cluster: 'ghost', message: 'InternalError: try later', times: 5 });
    expect((await create('ghost')).state).toBe('failed');
    const stacks = path.join(service.home, 'state/.pulumi/stacks/clusterwright');
    for (const file of await readdir(stacks)) if (file.startsWith('ghost-')) await rm(path.join(stacks, file));
    // Two kinds stay: one that the search finds by its tag and reads, one that has no such tags.
    const stays = (type: string): boolean => type === 'aws:ec2/subnet:Subnet' || type === 'aws:iam/role:Role';
    for (const { id, type } of (await portal.inventory('ghost')).items) if (!stays(type)) await removeByHand(id, type);
    const left = (await portal.inventory('ghost')).items;
    expect(left.length).toBeGreaterThan(3);

    const first = await portal.change('DELETE', '/clusters/ghost?retain=none');

    expect(first).toMatchObject({ state: 'failed', error: { code: 'deletion-incomplete' } });
    expect(first.receipt?.leftovers.map(({ id }) => id.split('/').at(-1)).sort()).toEqual(left.map(({ id }) => id).sort());
    expect(await portal.cluster('ghost')).toMatchObject({ state: 'failed', conditions: expect.arrayContaining([expect.objectContaining({ type: 'DeletionIncomplete' })]) as unknown });
    for (const { id, type } of left) await removeByHand(id, type);
    expect(await portal.change('DELETE', '/clusters/ghost?retain=none')).toMatchObject({ state: 'succeeded', receipt: { leftovers: [] } });
    expect((await portal.inventory('ghost')).items).toEqual([]);
  });
});

describe.concurrent('a deletion that keeps the backups', () => {
  it('keeps the bucket, its key and the key of etcd\'s contents, and nothing else', async () => {
    expect((await create('keeper')).error).toBeNull();
    await use('keeper', 1);
    const cluster = await clusterOf(portal, 'keeper');
    const escrow = secretName(cluster.uid, secretNames.encryptionKey);
    expect(await parameterNames(service, cluster)).toContain(escrow);

    const job = await portal.change('DELETE', '/clusters/keeper?retain=backups');

    expect(job.error).toBeNull();
    expect(job.receipt?.leftovers).toEqual([]);
    const left = await portal.inventory('keeper');
    const buckets = ofType(left, 'aws:s3/bucket:Bucket').map((id) => `arn:aws:s3:::${id}`);
    const keys = ofType(left, 'aws:kms/key:Key').map((id) => `arn:aws:kms:${cluster.spec.region}:123456789012:key/${id}`);
    expect([buckets.length, keys.length]).toEqual([1, 1]);
    expect(job.receipt?.retained.map(({ id }) => id).sort()).toEqual([...buckets, ...keys, escrow].sort());
    expect(left.items.map(({ type }) => type).filter((type) => !/^aws:(s3|kms)\//.test(type))).toEqual([]);
    expect(await parameterNames(service, cluster)).toEqual([escrow]);
    expect(JSON.stringify([job, await messages(job), service.output()])).not.toContain(cluster.uid + '/join/token');
  });
});
