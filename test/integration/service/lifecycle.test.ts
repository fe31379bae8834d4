import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { provisionerClientSchema, secretName, secretNames } from '../../../model/rendezvous.js';
import { fullRequest, type Portal, type PortalJob } from '../../support/portal.js';
import { startReceiver, type Receiver } from '../../support/receiver.js';
import { useService } from '../../support/use-service.js';

const root = path.resolve(import.meta.dirname, '../../..');

/** Kinds that a production cluster on AWS must have, with the least number of each. */
const expectedKinds: Readonly<Record<string, number>> = {
  'aws:ec2/vpc:Vpc': 1, 'aws:ec2/subnet:Subnet': 6, 'aws:ec2/natGateway:NatGateway': 3, 'aws:ec2/internetGateway:InternetGateway': 1, 'aws:ec2/vpcEndpoint:VpcEndpoint': 4,
  'aws:ec2/flowLog:FlowLog': 1, 'aws:ec2/securityGroup:SecurityGroup': 3, 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule': 10, 'aws:kms/key:Key': 1,
  'aws:s3/bucket:Bucket': 2, 'aws:iam/instanceProfile:InstanceProfile': 2, 'aws:iam/openIdConnectProvider:OpenIdConnectProvider': 1, 'aws:iam/role:Role': 6,
  'aws:route53/zone:Zone': 1, 'aws:route53/record:Record': 1, 'aws:lb/loadBalancer:LoadBalancer': 1, 'aws:ebs/volume:Volume': 3, 'aws:ec2/launchTemplate:LaunchTemplate': 1,
  'aws:autoscaling/group:Group': 1, 'aws:ec2/vpcPeeringConnection:VpcPeeringConnection': 1,
};

/** A change that changes nothing, and its plan: both stacks are looked at. */
const same = { nodePools: fullRequest('payments-prod')['nodePools'], labels: { 'cost-centre': '4711' } };
const unchanged = {
  kind: 'preview', state: 'succeeded',
  plan: { create: 0, update: 0, replace: 0, delete: 0, changes: [], stacks: ['infrastructure', 'platform'].map((kind) => ({ name: `payments-prod-${kind}`, basis: 'previewed' })) },
};

describe('a cluster from its request to its deletion', () => {
  const { service, portal } = useService({ CLUSTERWRIGHT_WEBHOOK_ALLOW: '127.0.0.1' });
  let receiver: Receiver;
  let created: PortalJob;

  beforeAll(async () => {
    receiver = await startReceiver();
    created = await portal.change('POST', '/clusters', { ...fullRequest('payments-prod'), webhooks: [{ url: receiver.url, events: ['cluster.ready', 'cluster.deleted'] }] });
  });

  afterAll(() => receiver.stop());

  it('becomes ready with what the spec asks for', async () => {
    expect(created.error).toBeNull();
    expect(created.state).toBe('succeeded');
    const cluster = await portal.cluster('payments-prod');
    expect(cluster).toMatchObject({
      state: 'ready', simulated: true, endpoint: 'https://api.payments-prod.clusterwright.internal:6443',
      zones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'], nodes: { controlPlane: 3, workers: 3 },
    });
  });

  it('has every kind of resource that a production cluster needs in the cloud', async () => {
    const { items } = await portal.inventory('payments-prod');
    const count = (type: string): number => items.filter((item) => item.type === type).length;
    expect(Object.entries(expectedKinds).filter(([type, least]) => count(type) < least).map(([type, least]) => `${type}: ${count(type)} of ${least}`)).toEqual([]);
  });

  it('shows its stacks to the plain engine', async () => {
    const { stdout: environment } = await promisify(execFile)(process.execPath, ['dist/bin/ops.js', 'env'], { cwd: root, env: { ...process.env, CLUSTERWRIGHT_HOME: service.home } });
    const shell = `set -a; eval "$1"; cd "$2"; pulumi stack ls --json; pulumi stack export --stack payments-prod-infrastructure`;
    const { stdout } = await promisify(execFile)('bash', ['-c', shell, 'bash', environment, root], { maxBuffer: 64 * 2 ** 20 });
    expect(stdout).toContain('payments-prod-infrastructure');
    expect(stdout).toContain('payments-prod-platform');
    expect(stdout).toContain('aws:ec2/vpc:Vpc');
  });

  it('plans no change for the same values', async () => {
    expect(await portal.change('PATCH', '/clusters/payments-prod?dryRun=true', same)).toMatchObject(unchanged);
  });

  it('plans no change after the nodes have renewed the provisioner\'s certificate', async () => {
    const before = await provisionerCertificate(service, portal);

    // It lasts a day, and the nodes renew it when half of that is over.
    await portal.advanceClock(13 * 3_600);
    await expect.poll(() => provisionerCertificate(service, portal), { timeout: 30_000 }).not.toBe(before);

    // This preview has used the new one, the one before the old one: both have read the cluster.
    expect(await portal.change('PATCH', '/clusters/payments-prod?dryRun=true', same)).toMatchObject(unchanged);
  });

  it('changes only the pool whose bound is changed, and nothing the second time', async () => {
    const patch = { nodePools: [{ name: 'general', machineType: 'm7i.xlarge', minNodes: 3, maxNodes: 12 }] };
    const preview = await portal.change('PATCH', '/clusters/payments-prod?dryRun=true', patch);
    expect(preview.plan).toMatchObject({ create: 0, update: 1, replace: 0, delete: 0, changes: [{ type: 'aws:autoscaling/group:Group', op: 'update', properties: ['maxSize'] }] });
    expect(preview.plan?.cost?.monthly).toBe(preview.plan?.cost?.monthlyBefore);
    expect(preview.plan?.cost?.monthlyAtMost).toBeGreaterThan(preview.plan?.cost?.monthly ?? Infinity);
    const machines = await machineIds(portal);

    const first = await portal.change('PATCH', '/clusters/payments-prod', patch);
    expect(first.state).toBe('succeeded');
    const second = await portal.change('PATCH', '/clusters/payments-prod', patch);
    expect(second.state).toBe('succeeded');

    const changed = async (job: PortalJob) => (await portal.events(job.id)).filter(({ event }) => event.type === 'resource' && event['state'] === 'succeeded' && event['op'] !== 'read').map(({ event }) => event['name']);
    expect(await changed(first)).toHaveLength(1);
    expect(await changed(second)).toEqual([]);
    expect(await machineIds(portal)).toEqual(machines);
    expect(await portal.cluster('payments-prod')).toMatchObject({ state: 'ready' });
  });

  it('previews its deletion without changing anything', async () => {
    const before = await portal.inventory('payments-prod');
    const preview = await portal.change('DELETE', '/clusters/payments-prod?dryRun=true');
    expect(preview.state).toBe('succeeded');
    expect(preview.plan?.delete).toBeGreaterThan(60);
    expect(preview.plan?.cost).toMatchObject({ monthly: 0 });
    expect(preview.plan?.cost?.monthlyBefore).toBeGreaterThan(500);
    expect(await portal.inventory('payments-prod')).toEqual(before);
    expect(await portal.cluster('payments-prod')).toMatchObject({ state: 'ready', lastJob: { kind: 'update' } });
  });

  it('is deleted without a trace, webhooks are told, and its name can be used again at once', async () => {
    const deleted = await portal.change('DELETE', '/clusters/payments-prod?retain=none');
    expect(deleted.error).toBeNull();
    expect(deleted.receipt?.leftovers).toEqual([]);
    expect(deleted.receipt?.checked.length).toBeGreaterThan(15);
    expect((await portal.inventory('payments-prod')).items).toEqual([]);
    expect((await portal.send('GET', '/clusters/payments-prod')).status).toBe(404);
    expect(await stackFiles(service.home)).toEqual([]);
    // It was ready for the first time and after each of two changes.
    expect((await receiver.until(4)).map(({ body }) => body.type)).toEqual(['cluster.ready', 'cluster.ready', 'cluster.ready', 'cluster.deleted']);

    expect(await portal.change('POST', '/clusters', fullRequest('payments-prod'))).toMatchObject({ state: 'succeeded', error: null });
  });

  it('keeps the backups\' bucket and its key where the deletion is asked to', async () => {
    const deleted = await portal.change('DELETE', '/clusters/payments-prod?retain=backups');
    expect(deleted.receipt?.leftovers).toEqual([]);
    expect(deleted.receipt?.retained.map((item) => item.kind)).toEqual(expect.arrayContaining(['aws:s3/bucket:Bucket', 'aws:kms/key:Key']));
    const types = (await portal.inventory('payments-prod')).items.map((item) => item.type);
    expect(types).toContain('aws:s3/bucket:Bucket');
    expect(types.filter((type) => !/^aws:(s3|kms)\//.test(type))).toEqual([]);
  });
});

async function machineIds(portal: Portal): Promise<string[]> {
  return (await portal.inventory('payments-prod')).items.filter((item) => item.type === 'aws:ec2/instance:Instance').map((item) => item.id).sort();
}

/** The client certificate that the cluster's nodes have published last. */
async function provisionerCertificate({ home }: { readonly home: string }, portal: Portal): Promise<string> {
  const { endpoints } = z.object({ endpoints: z.object({ aws: z.url() }) }).parse(JSON.parse(await readFile(path.join(home, 'sandbox.json'), 'utf8')));
  const client = new SSMClient({ endpoint: endpoints.aws, region: 'eu-west-1', credentials: { accessKeyId: 'sandbox', secretAccessKey: 'sandbox' } });
  try {
    const uid = z.string().parse((await portal.cluster('payments-prod'))['uid']);
    const { Parameter } = await client.send(new GetParameterCommand({ Name: secretName(uid, secretNames.provisionerClient), WithDecryption: true }));
    return provisionerClientSchema.parse(JSON.parse(Parameter?.Value ?? '')).certificate;
  } finally {
    client.destroy();
  }
}

/** State files of the project's stacks in the backend. */
async function stackFiles(home: string): Promise<string[]> {
  const directory = path.join(home, 'state/.pulumi/stacks/clusterwright');
  return existsSync(directory) ? (await readdir(directory)).filter((file) => file.endsWith('.json')) : [];
}
