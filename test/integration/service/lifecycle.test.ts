import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { provisionerClientSchema, secretName, secretNames } from '../../../model/rendezvous.js';
import { fullRequest, type Portal, type PortalJob } from '../../support/portal.js';
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

describe('a cluster from its request to its deletion', () => {
  const { service, portal } = useService();
  let created: PortalJob;

  beforeAll(async () => {
    created = await portal.change('POST', '/clusters', fullRequest('payments-prod'));
  });

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
    const preview = await portal.change('PATCH', '/clusters/payments-prod?dryRun=true', { nodePools: fullRequest('payments-prod')['nodePools'], labels: { 'cost-centre': '4711' } });
    expect(preview).toMatchObject({ kind: 'preview', state: 'succeeded', plan: { create: 0, update: 0, replace: 0, delete: 0, changes: [] } });
  });

  it('plans no change after the nodes have renewed the provisioner\'s certificate', async () => {
    const same = { labels: { 'cost-centre': '4711' } };
    const unchanged = {
      state: 'succeeded',
      plan: { create: 0, update: 0, replace: 0, delete: 0, changes: [], stacks: ['infrastructure', 'platform'].map((kind) => ({ name: `payments-prod-${kind}`, basis: 'previewed' })) },
    };
    const before = await provisionerCertificate(service, portal);
    expect(await portal.change('PATCH', '/clusters/payments-prod?dryRun=true', same)).toMatchObject(unchanged);

    // It lasts a day, and the nodes renew it when half of that is over.
    await portal.advanceClock(13 * 3_600);
    await expect.poll(() => provisionerCertificate(service, portal), { timeout: 30_000 }).not.toBe(before);

    // The second preview has used the new one: it has read the cluster.
    expect(await portal.change('PATCH', '/clusters/payments-prod?dryRun=true', same)).toMatchObject(unchanged);
  });

  it('changes only the pool whose bound is changed, and nothing the second time', async () => {
    const patch = { nodePools: [{ name: 'general', machineType: 'm7i.xlarge', minNodes: 3, maxNodes: 12 }] };
    const preview = await portal.change('PATCH', '/clusters/payments-prod?dryRun=true', patch);
    expect(preview.plan).toMatchObject({ create: 0, update: 1, replace: 0, delete: 0, changes: [{ type: 'aws:autoscaling/group:Group', op: 'update', properties: ['maxSize'] }] });
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
    expect(await portal.inventory('payments-prod')).toEqual(before);
    expect(await portal.cluster('payments-prod')).toMatchObject({ state: 'ready', lastJob: { kind: 'update' } });
  });

  it('is deleted without a trace, and its name can be used again at once', async () => {
    const deleted = await portal.change('DELETE', '/clusters/payments-prod?retain=none');
    expect(deleted.error).toBeNull();
    expect(deleted.receipt?.leftovers).toEqual([]);
    expect(deleted.receipt?.checked.length).toBeGreaterThan(15);
    expect((await portal.inventory('payments-prod')).items).toEqual([]);
    expect((await portal.send('GET', '/clusters/payments-prod')).status).toBe(404);
    expect(await stackFiles(service.home)).toEqual([]);

    const again = await portal.change('POST', '/clusters', fullRequest('payments-prod'));
    expect(again.state).toBe('succeeded');
    const gone = await portal.change('DELETE', '/clusters/payments-prod?retain=none');
    expect(gone.receipt?.leftovers).toEqual([]);
    expect((await portal.inventory('payments-prod')).items).toEqual([]);
  });

  it('keeps the backups\' bucket and its key where the deletion is asked to', async () => {
    await portal.change('POST', '/clusters', fullRequest('keeper'));
    const deleted = await portal.change('DELETE', '/clusters/keeper?retain=backups');
    expect(deleted.receipt?.leftovers).toEqual([]);
    expect(deleted.receipt?.retained.map((item) => item.kind)).toEqual(expect.arrayContaining(['aws:s3/bucket:Bucket', 'aws:kms/key:Key']));
    const types = (await portal.inventory('keeper')).items.map((item) => item.type);
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
