import { existsSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seenExpiries } from '../../../model/expiry.js';
import { orderAnswerKey, orderAnswerSchema, orderKey, restorationKey } from '../../../model/orders.js';
import { nodeStepKey, nodeStepSchema, provisionerClientSchema, secretName, secretNames, type NodeFacts } from '../../../model/rendezvous.js';
import { startAws, type AwsPart } from '../../../sandbox/aws/index.js';
import { awsNodes } from '../../../sandbox/aws/kubernetes/index.js';
import type { Item } from '../../../sandbox/inventory/item.js';
import { SimulatedNodes } from '../../../sandbox/kubernetes/nodes/index.js';
import type { PropertyMap } from '../../../sandbox/protocol/index.js';
import { openSandbox, type Sandbox } from '../../../sandbox/sandbox.js';
import type { PrivateStore } from '../../../worker/cloud/private-store.js';
import { AwsConnection } from '../../../worker/cloud/aws/connection.js';
import { powerOf, switchMachines } from '../../../worker/cloud/aws/machines.js';
import { Rendezvous } from '../../../worker/cloud/rendezvous.js';
import { renewCertificates } from '../../../worker/operation/rotation/certificates.js';
import type { RotationContext } from '../../../worker/operation/rotation/context.js';
import { replaceEncryptionKey } from '../../../worker/operation/rotation/encryption-key.js';
import { StoreInMemory } from '../../support/store-in-memory.js';

let home: string;
let sandbox: Sandbox;
let aws: AwsPart;
let nodes: SimulatedNodes;
const errors: unknown[] = [];

async function open(latency: number): Promise<void> {
  sandbox = await openSandbox(home, latency);
  aws = await startAws(sandbox);
  nodes = new SimulatedNodes(sandbox, { aws: awsNodes(aws.cloud) }, (error) => errors.push(error));
  await nodes.start();
}
async function shut(): Promise<void> {
  await nodes.close();
  await aws.close();
  await sandbox.journal.close();
}
beforeEach(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'nodes-'));
  errors.length = 0;
});
afterEach(async () => {
  await shut();
  await rm(home, { recursive: true });
  expect(errors).toEqual([]);
});

const region = 'eu-west-1';
const address = '127.77.0.1';
const factsOf = (uid: string, role: NodeFacts['role'], index: number | null, over: Partial<NodeFacts> = {}): NodeFacts => ({
  schema: 1, cluster: 'pay', uid, region, role, pool: role === 'worker' ? 'general' : null, index, controlPlanes: 3, kubernetesVersion: '1.35', kubernetesRelease: '1.35.0',
  endpoint: 'api.pay.clusterwright.internal', port: 6443, podCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/12', rendezvous: { provider: 'aws', bucket: `${uid}-backups`, parameterPrefix: `/clusterwright/${uid}`, key: `alias/${uid}-key` }, issuer: null, entra: { tenantId: 't', clientId: 'c' }, sshKeys: [], registryMirrors: {}, labels: {}, taints: [], ...over,
});

function make(type: string, id: string, uid: string, outputs: PropertyMap): void {
  const now = sandbox.clock.now();
  const item: Item = { type, id, cluster: 'pay', uid, resource: null, parent: null, region, inputs: outputs, outputs, createdAt: now, readyAt: now };
  sandbox.inventory.create(item);
}
function machine(uid: string, id: string, facts: NodeFacts, ip: string): void {
  make('aws:ec2/instance:Instance', id, uid, {
    userDataBase64: Buffer.from(`#cloud-config\nwrite_files:\n  - path: /etc/clusterwright/node.json\n    content: ${JSON.stringify(JSON.stringify(facts))}\n`).toString('base64'),
    privateIp: ip, privateDns: `ip-${ip.replaceAll('.', '-')}.${region}.compute.internal`, instanceType: 'm7i.large', availabilityZone: `${region}a`, iamInstanceProfile: `${uid}-${facts.role}`,
  });
}
/** What a cluster stands on, but for the machines; without a listener nothing leads to it. */
function ground(uid: string, at: string, grants: Record<NodeFacts['role'], string[]> = { 'control-plane': ['ssm:*', 's3:*'], worker: ['ssm:GetParameter', 's3:PutObject'] }): void {
  make('aws:s3/bucket:Bucket', `${uid}-backups`, uid, { bucket: `${uid}-backups` });
  for (const [role, actions] of Object.entries(grants)) {
    make('aws:iam/role:Role', `${uid}-${role}-role`, uid, {});
    make('aws:iam/instanceProfile:InstanceProfile', `${uid}-${role}`, uid, { role: `${uid}-${role}-role` });
    make('aws:iam/rolePolicy:RolePolicy', `${uid}-${role}`, uid, { role: `${uid}-${role}-role`, policy: JSON.stringify({ Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] }) });
  }
  make('aws:lb/loadBalancer:LoadBalancer', `${uid}-lb`, uid, { dnsName: at, arn: `${uid}-lb` });
  make('aws:lb/targetGroup:TargetGroup', `${uid}-targets`, uid, {});
}
const listener = (uid: string): void => make('aws:lb/listener:Listener', `${uid}-listener`, uid, { loadBalancerArn: `${uid}-lb`, port: 6443, defaultActions: [{ type: 'forward', targetGroupArn: `${uid}-targets` }] });
const attach = (uid: string, id: string): void => make('aws:lb/targetGroupAttachment:TargetGroupAttachment', `${uid}-${id}`, uid, { targetGroupArn: `${uid}-targets`, targetId: id });

function stepOf(uid: string, ip: string): { step: string; message: string | null } | undefined {
  const version = aws.objects.get(`${uid}-backups`, nodeStepKey(`ip-${ip.replaceAll('.', '-')}.${region}.compute.internal`));
  return version === undefined ? undefined : nodeStepSchema.parse(JSON.parse(Buffer.from(version.body, 'base64').toString()));
}
const secret = (uid: string, name: (typeof secretNames)[keyof typeof secretNames]): string => aws.parameters.get(region, secretName(uid, name))?.value ?? '';

async function get(uid: string, at: string, target: string): Promise<{ status: number; body: { metadata?: { resourceVersion: string }; items?: { metadata: { name: string }; status?: unknown }[] } }> {
  const client = provisionerClientSchema.parse(JSON.parse(secret(uid, secretNames.provisionerClient)));
  return new Promise((resolve, reject) => {
    request({ host: at, port: 6443, path: target, ca: secret(uid, secretNames.certificateAuthority), cert: client.certificate, key: client.key, servername: 'api.pay.clusterwright.internal' }, (response) => {
      let text = '';
      response.on('data', (part: Buffer) => { text += part.toString(); }).on('end', () => resolve({ status: response.statusCode ?? 0, body: text.startsWith('{') ? (JSON.parse(text) as { items?: [] }) : {} }));
    }).on('error', reject).end();
  });
}
const nodeNames = async (uid: string, at: string): Promise<string[]> => ((await get(uid, at, '/api/v1/nodes')).body.items ?? []).map(({ metadata }) => metadata.name.split('.')[0] ?? '');

async function pass(seconds: number): Promise<void> {
  sandbox.clock.advance(seconds);
  await new Promise((resolve) => setImmediate(resolve));
  await nodes.settled();
}

function wholeCluster(uid: string, at: string, net = '10.0.0'): void {
  ground(uid, at);
  listener(uid);
  for (const index of [1, 2, 3]) {
    machine(uid, `${uid}-cp${index}`, factsOf(uid, 'control-plane', index), `${net}.1${index}`);
    attach(uid, `${uid}-cp${index}`);
  }
  for (const index of [1, 2, 3]) machine(uid, `${uid}-w${index}`, factsOf(uid, 'worker', null), `${net}.2${index}`);
}

describe('simulated nodes', () => {
  it('go their way step by step, at the pace of the clock', async () => {
    await open(1);
    wholeCluster('u1', address);
    await nodes.settled();
    expect(stepOf('u1', '10.0.0.11')).toBeUndefined();

    await pass(26);
    expect(stepOf('u1', '10.0.0.11')).toMatchObject({ step: 'booted', role: 'control-plane', pool: null });
    await pass(40);
    expect(stepOf('u1', '10.0.0.11')?.step).toBe('kubeadm');
    expect(stepOf('u1', '10.0.0.12')?.step).toBe('packages');
    await pass(40);
    expect(stepOf('u1', '10.0.0.11')?.step).toBe('joined');
    expect(await nodeNames('u1', address)).toEqual(['ip-10-0-0-11']);
    expect(secret('u1', secretNames.endpoint)).toBe('api.pay.clusterwright.internal:6443');
    expect(secret('u1', secretNames.joinToken)).toMatch(/^[a-z0-9]{6}\.[a-z0-9]{16}$/);
    await pass(60);
    expect(await nodeNames('u1', address)).toEqual(['ip-10-0-0-11', 'ip-10-0-0-12', 'ip-10-0-0-13', 'ip-10-0-0-21', 'ip-10-0-0-22', 'ip-10-0-0-23']);
  });

  it('lose nothing in a restart, whatever step they are at', async () => {
    await open(1);
    wholeCluster('u1', address);
    await pass(110);
    const authority = secret('u1', secretNames.certificateAuthority);
    await shut();
    await open(1);
    expect(await nodeNames('u1', address)).toEqual(['ip-10-0-0-11']);
    expect(secret('u1', secretNames.certificateAuthority)).toBe(authority);
    await pass(60);
    expect(await nodeNames('u1', address)).toHaveLength(6);
    expect(statSync(path.join(home, 'sandbox/clusters/u1/ca.json')).mode & 0o777).toBe(0o600);
  });

  it('take their cluster back to a snapshot, all together, once, and over a restart', async () => {
    await open(1);
    wholeCluster('u1', address);
    const order = async (task: string, ...words: string[]): Promise<unknown[]> => {
      const names = [11, 12, 13].map((last) => `ip-10-0-0-${last}.${region}.compute.internal`);
      for (const name of names) aws.objects.put('u1-backups', orderKey(name), JSON.stringify({ id: [task, ...words].join(' '), task, arguments: words }));
      await pass(1);
      return names.map((name) => orderAnswerSchema.parse(JSON.parse(Buffer.from(aws.objects.get('u1-backups', orderAnswerKey(name))?.body ?? '', 'base64').toString()))).map(({ state, result, message }) => (state === 'done' ? result : message));
    };
    const answers = () => get('u1', address, '/readyz').then(() => true, () => false);
    await pass(170);
    const [key] = await order('etcd-snapshot');
    for (const index of [4, 5]) machine('u1', `u1-w${index}`, factsOf('u1', 'worker', null), `10.0.0.2${index}`);
    await pass(170);
    expect(await nodeNames('u1', address)).toHaveLength(8);
    const before = (await get('u1', address, '/api/v1/nodes')).body.metadata?.resourceVersion;

    expect(await order('etcd-restore', 'start', 'first')).toEqual(Array(3).fill('nothing is prepared as first'));
    await order('etcd-restore', 'prepare', String(key), 'first');
    expect(await answers()).toBe(true);
    await order('etcd-restore', 'stop');
    expect(await answers()).toBe(false);
    await shut();
    await open(1);
    expect(await answers()).toBe(false);
    await order('etcd-restore', 'start', 'first');

    expect(await nodeNames('u1', address)).toEqual(['ip-10-0-0-11', 'ip-10-0-0-12', 'ip-10-0-0-13', 'ip-10-0-0-21', 'ip-10-0-0-22', 'ip-10-0-0-23']);
    const { metadata } = (await get('u1', address, '/api/v1/nodes')).body;
    expect(Number(metadata?.resourceVersion)).toBeGreaterThan(Number(before));
  });

  it('keep what they are while the cloud has them stopped, and answer again when a majority runs', async () => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'sandbox', AWS_SECRET_ACCESS_KEY: 'sandbox' });
    await open(1);
    wholeCluster('u1', address);
    await pass(170);
    const machines = [1, 2, 3].map((index) => `u1-cp${index}`);
    const connection = () => new AwsConnection(region, undefined, { ec2: aws.endpoint });
    const powers = async () => powerOf(connection(), machines).then((found) => machines.map((id) => found.get(id)));
    const answers = () => get('u1', address, '/readyz').then(() => true, () => false);

    await switchMachines(connection(), machines.slice(0, 1), 'off');
    await pass(0);
    expect([await answers(), await powers()]).toEqual([true, ['off', 'on', 'on']]);
    await switchMachines(connection(), machines, 'off');
    await pass(0);
    expect([await answers(), await powers()]).toEqual([false, ['off', 'off', 'off']]);
    // Longer than what was published is good for: whoever is off renews nothing.
    await pass(90_000);
    await shut();
    await open(1);
    expect(await answers()).toBe(false);

    await switchMachines(connection(), machines, 'on');
    await pass(0);
    expect([await answers(), await powers()]).toEqual([false, ['changing', 'changing', 'changing']]);
    await pass(41);
    expect([await answers(), await powers()]).toEqual([true, ['on', 'on', 'on']]);
    expect(await nodeNames('u1', address)).toHaveLength(6);
  });

  it('are there at once without latency, for many clusters at a time', async () => {
    await open(0);
    const uids = Array.from({ length: 20 }, (_, index) => `u${index + 1}`);
    for (const [index, uid] of uids.entries()) wholeCluster(uid, `127.77.1.${index + 1}`);
    await nodes.settled();
    for (const [index, uid] of uids.entries()) expect(await nodeNames(uid, `127.77.1.${index + 1}`)).toHaveLength(6);
  });

  it('say what they lack, and go on when they have it', async () => {
    await open(0);
    ground('u1', address, { 'control-plane': ['s3:PutObject', 'ssm:GetParameter'], worker: [] });
    machine('u1', 'cp1', factsOf('u1', 'control-plane', 1), '10.0.0.11');
    await nodes.settled();
    expect(stepOf('u1', '10.0.0.11')).toMatchObject({ step: 'failed', message: expect.stringMatching(/role u1-control-plane-role is not authorized to perform ssm:PutParameter on arn:aws:ssm:.*\/clusterwright\/u1\//) });

    make('aws:iam/rolePolicy:RolePolicy', 'more', 'u1', { role: 'u1-control-plane-role', policy: JSON.stringify({ Statement: { Effect: 'Allow', Action: 'ssm:*', Resource: 'arn:aws:ssm:*:*:parameter/clusterwright/u1/*' } }) });
    await pass(61);
    expect(stepOf('u1', '10.0.0.11')).toMatchObject({ step: 'failed', message: expect.stringContaining('cp1 is in no target group') });
    attach('u1', 'cp1');
    await nodes.settled();
    expect(stepOf('u1', '10.0.0.11')).toMatchObject({ step: 'failed', message: expect.stringContaining('no load balancer has a listener on port 6443') });
    listener('u1');
    await nodes.settled();
    expect(stepOf('u1', '10.0.0.11')?.step).toBe('joined');
    expect((await get('u1', address, '/readyz')).status).toBe(200);
  });

  it('leave with their machines, and take what etcd held with them when the last control plane goes', async () => {
    await open(1);
    wholeCluster('u1', address);
    await pass(300);
    sandbox.inventory.delete({ type: 'aws:ec2/instance:Instance', id: 'u1-w1' });
    await nodes.settled();
    expect(await nodeNames('u1', address)).toHaveLength(6);
    await pass(41);
    expect(await nodeNames('u1', address)).toEqual(['ip-10-0-0-11', 'ip-10-0-0-12', 'ip-10-0-0-13', 'ip-10-0-0-22', 'ip-10-0-0-23']);

    machine('u1', 'u1-w4', factsOf('u1', 'worker', null), '10.0.0.24');
    await pass(86);
    expect(await nodeNames('u1', address)).toContain('ip-10-0-0-24');

    for (const index of [1, 2, 3]) sandbox.inventory.delete({ type: 'aws:ec2/instance:Instance', id: `u1-cp${index}` });
    await nodes.settled();
    await expect(get('u1', address, '/readyz')).rejects.toThrow('ECONNREFUSED');
    expect(existsSync(path.join(home, 'sandbox/clusters/u1/objects.jsonl'))).toBe(false);
    sandbox.inventory.delete({ type: 'aws:s3/bucket:Bucket', id: 'u1-backups' });
    await nodes.settled();
    expect(existsSync(path.join(home, 'sandbox/clusters/u1'))).toBe(false);
  });

  it('do not begin anew where all control planes are gone, and come back from a snapshot where they are told to, with the authority that they had', async () => {
    await open(0);
    wholeCluster('u1', address);
    await nodes.settled();
    const authority = secret('u1', secretNames.certificateAuthority);
    const first = `ip-10-0-0-11.${region}.compute.internal`;
    aws.objects.put('u1-backups', orderKey(first), JSON.stringify({ id: 'save', task: 'etcd-snapshot', arguments: [] }));
    await pass(1);
    const { result: from } = orderAnswerSchema.parse(JSON.parse(Buffer.from(aws.objects.get('u1-backups', orderAnswerKey(first))?.body ?? '', 'base64').toString()));
    for (const index of [1, 2, 3]) sandbox.inventory.delete({ type: 'aws:ec2/instance:Instance', id: `u1-cp${index}` });
    await nodes.settled();
    machine('u1', 'u1-w4', factsOf('u1', 'worker', null), '10.0.0.24');
    for (const index of [1, 2, 3]) {
      machine('u1', `u1-new${index}`, factsOf('u1', 'control-plane', index), `10.0.0.1${index}`);
      attach('u1', `u1-new${index}`);
    }
    await pass(1);
    expect(stepOf('u1', '10.0.0.11')).toMatchObject({ step: 'failed', message: expect.stringContaining('no other member of etcd answers') });
    await shut();
    await open(0);
    await expect(get('u1', address, '/readyz')).rejects.toThrow('ECONNREFUSED');

    aws.objects.put('u1-backups', restorationKey, JSON.stringify({ id: 'job', from }));
    await pass(1);

    expect(await nodeNames('u1', address)).toEqual(['ip-10-0-0-11', 'ip-10-0-0-12', 'ip-10-0-0-13', 'ip-10-0-0-21', 'ip-10-0-0-22', 'ip-10-0-0-23', 'ip-10-0-0-24']);
    expect(secret('u1', secretNames.certificateAuthority)).toBe(authority);
  });

  it('cannot be reached without their load balancer', async () => {
    await open(0);
    wholeCluster('u1', address);
    await nodes.settled();
    sandbox.inventory.delete({ type: 'aws:lb/listener:Listener', id: 'u1-listener' });
    await nodes.settled();
    await expect(get('u1', address, '/readyz')).rejects.toThrow('ECONNREFUSED');
    listener('u1');
    await nodes.settled();
    expect(await nodeNames('u1', address)).toHaveLength(6);
  });

  it('renew the provisioner\'s certificate when half of its day is over', async () => {
    await open(0);
    wholeCluster('u1', address);
    await nodes.settled();
    const before = provisionerClientSchema.parse(JSON.parse(secret('u1', secretNames.provisionerClient)));
    await pass(11 * 3600);
    expect(provisionerClientSchema.parse(JSON.parse(secret('u1', secretNames.provisionerClient)))).toEqual(before);
    await pass(2 * 3600);
    const after = provisionerClientSchema.parse(JSON.parse(secret('u1', secretNames.provisionerClient)));
    expect(Date.parse(after.notAfter) - Date.parse(before.notAfter)).toBeGreaterThan(12 * 3_600_000);
    expect(await nodeNames('u1', address)).toHaveLength(6);
  });

  it('do what a job that rotates orders: new certificates on each, a new key for all', async () => {
    await open(0);
    wholeCluster('u1', address);
    await nodes.settled();
    const names = [1, 2, 3].map((index) => `ip-10-0-0-1${index}.${region}.compute.internal`);
    const store: PrivateStore = Object.assign(new StoreInMemory(), {
      read: (key: string) => Promise.resolve(aws.objects.get('u1-backups', key)).then((found) => found && Buffer.from(found.body, 'base64').toString()),
      write: async (key: string, value: unknown) => {
        aws.objects.put('u1-backups', key, JSON.stringify(value));
        await nodes.settled();
      },
      list: (prefix: string) => Promise.resolve(aws.objects.list('u1-backups', prefix).map(({ key, etag }) => ({ key, sizeBytes: 0, etag }))),
    });
    const cloud = new Rendezvous(() => Promise.resolve(store));
    const texts: string[] = [];
    const context: RotationContext = {
      job: { id: '01JOB' } as RotationContext['job'],
      report: (message) => { if (message.type === 'event' && message.event.type === 'message') texts.push(message.event.text); },
      cloud,
    };
    const { signal } = new AbortController();
    const client = (): string => secret('u1', secretNames.provisionerClient);
    const [told, before] = [await cloud.expiries(), client()];
    expect(told.map(({ node, certificates }) => [node, Object.keys(certificates).length])).toEqual(names.map((name) => [name, 10]));

    sandbox.clock.advance(3600);
    await renewCertificates(context, names, signal);
    expect(texts.filter((text) => text.includes('has new certificates'))).toHaveLength(3);
    const anew = await cloud.expiries();
    for (const [index, { certificates }] of anew.entries()) expect(Date.parse(certificates['etcd/peer'] ?? '') - Date.parse(told[index]?.certificates['etcd/peer'] ?? '')).toBeGreaterThanOrEqual(3_590_000);
    expect(client()).not.toBe(before);
    expect(seenExpiries(anew, undefined).find(({ kind }) => kind === 'join-token')?.endsAt).toBe(provisionerClientSchema.parse(JSON.parse(client())).notAfter);

    await replaceEncryptionKey(context, names, signal);
    expect(secret('u1', secretNames.encryptionKey)).toMatch(/^key-01job:[A-Za-z0-9+/=]{44}$/);
  });
});
