import { execFile } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { restorationKey } from '../../../model/orders.js';
import { nodeStepSchema, provisionerClientSchema } from '../../../model/rendezvous.js';
import { archivedFiles } from '../../../programs/nodes/archive.js';
import { nodeTemplates } from '../../../programs/nodes/templates.js';
import type { TestNode } from './node.js';
import { World } from './world.js';

let world: World;
beforeAll(async () => { world = await World.open(); });
afterAll(() => world.close());

const nameOf = (node: TestNode): string => `ip-${node.root.split(`i-${node.facts.uid}`)[1]?.replace(/^1020(0)(\d+)$/, '10-20-$1-$2') ?? ''}.eu-west-1.compute.internal`;
const stepOf = (node: TestNode) => nodeStepSchema.optional().parse(world.object(node.facts.uid, `rendezvous/nodes/${nameOf(node)}.json`));
const claim = (uid: string, name = 'initialiser') => world.object(uid, `rendezvous/claims/${name}.json`) as { holder: string; state: string; authority: string | null } | undefined;

/** Waits until something holds; says what was seen last when it never does. */
async function until(what: string, holds: () => boolean | Promise<boolean>, limitMs = 240_000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`never: ${what}\n${world.nodes.map((node) => `--- ${node.root}\n${node.output.split('\n').slice(-25).join('\n')}`).join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
const joined = (...nodes: TestNode[]) => until('all have joined', () => nodes.every((node) => stepOf(node)?.step === 'joined'));

/** That there is one cluster and these are its nodes. */
async function expectOneCluster(uid: string, nodes: readonly TestNode[]): Promise<void> {
  expect(Object.values(await world.members(uid))).toEqual([nodes.map(nameOf).sort()]);
  expect(await world.violations(uid)).toBe('');
  const authority = new X509Certificate(world.secret(uid, 'join/ca') ?? '').fingerprint256.replaceAll(':', '').toLowerCase();
  expect(claim(uid)).toMatchObject({ state: 'published', authority });
  for (const node of nodes) if (node.facts.role === 'control-plane') expect(new X509Certificate((await node.read('etc/kubernetes/pki/ca.crt')) ?? '').fingerprint256.replaceAll(':', '').toLowerCase()).toBe(authority);
}

describe('nodes that start at once', () => {
  it('make one cluster, control planes one after the other, with one key for what etcd holds', async () => {
    await world.ground('once');
    const controlPlanes = [await world.node('once', { index: 1 }), await world.node('once', { index: 2 }), await world.node('once', { index: 3 })];
    const worker = await world.node('once', { role: 'worker', pool: 'general', index: null });

    for (const node of [...controlPlanes, worker]) node.boot();
    await joined(...controlPlanes, worker);

    await expectOneCluster('once', [...controlPlanes, worker]);
    const calls = await Promise.all(controlPlanes.map(async (node) => (await node.read('kubeadm.calls'))?.split('\n').filter((call) => /^(init|join)/.test(call)).map((call) => call.split(' ')[0])));
    expect(calls.flat().sort()).toEqual(['init', 'join', 'join']);
    const encryption = await Promise.all(controlPlanes.map((node) => node.read('etc/kubernetes/clusterwright/encryption.yaml')));
    expect(new Set(encryption).size).toBe(1);
    expect(encryption[0]).toContain(world.secret('once', 'control-plane/encryption-key'));
    expect(stepOf(worker)).toMatchObject({ role: 'worker', pool: 'general', index: null, message: null });
  });

  it('publish what the provisioner and the token service need', async () => {
    const client = provisionerClientSchema.parse(JSON.parse(world.secret('once', 'provisioner/client') ?? ''));
    const certificate = new X509Certificate(client.certificate);

    expect(certificate.subject.split('\n')).toEqual(['O=clusterwright:provisioners', 'CN=clusterwright:provisioner']);
    expect(certificate.checkIssued(new X509Certificate(world.secret('once', 'provisioner/ca') ?? ''))).toBe(true);
    expect(Date.parse(client.notAfter) - Date.now()).toBeGreaterThan(23 * 3_600_000);
    expect(Date.parse(client.notAfter)).toBe(Date.parse(certificate.validTo));
    expect(world.secret('once', 'provisioner/endpoint')).toBe('api.pay.clusterwright.internal:6443');
    expect(world.object('once', '.well-known/openid-configuration', 'issuer')).toMatchObject({ issuer: 'https://issuer' });
    expect(world.object('once', 'openid/v1/jwks', 'issuer')).toMatchObject({ keys: [{ kid: expect.any(String) as string }] });
  });

  it('leave no secret in the journal, in arguments or in files that others may read', async () => {
    const token = world.secret('once', 'join/token') ?? '';
    for (const node of world.nodes.filter(({ facts }) => facts.uid === 'once')) {
      for (const text of [node.output, await node.read('kubeadm.calls'), await node.read('kubectl.calls')]) expect(text ?? '').not.toMatch(new RegExp(`${token}|PRIVATE KEY|SecretAccessKey`));
      const { stdout } = await promisify(execFile)('find', [node.root, '-newer', `${node.root}/etc/clusterwright/image.d/endpoints`, '-type', 'f', '-perm', '/077', '-not', '-name', '*.calls', '-not', '-path', '*/opt/*', '-not', '-path', '*/etc/clusterwright/*']);
      expect(stdout).toBe('');
    }
  });
});

describe('an initialiser that dies', () => {
  it('before it has published leaves the cluster to another, and joins it when it comes back', async () => {
    await world.ground('before');
    const [first, second] = [await world.node('before', { index: 1 }), await world.node('before', { index: 2 })];

    first.boot({ INIT_SECONDS: '600' });
    await until('the first has the claim and kubeadm runs', async () => (await first.has('etc/kubernetes/kubelet.conf')));
    await first.powerOff();
    second.boot();
    await joined(second);
    first.boot();
    await joined(first);

    await expectOneCluster('before', [first, second]);
    expect(claim('before')?.holder).toBe(nameOf(second));
    expect(await first.read('kubeadm.calls')).toMatch(/init.*\nreset.*\njoin/);
  });

  it('in the middle of publishing is followed by another, whose cluster it is then', async () => {
    await world.ground('middle');
    const [first, second] = [await world.node('middle', { index: 1 }), await world.node('middle', { index: 2 })];

    first.boot();
    await until('a secret is published', () => world.secret('middle', 'control-plane/front-proxy-ca') !== undefined);
    await first.powerOff();
    expect(claim('middle')?.state).toBe('held');
    second.boot();
    await joined(second);
    first.boot();
    await joined(first);

    await expectOneCluster('middle', [first, second]);
  });

  it('goes on with its own cluster when it comes back in time', async () => {
    await world.ground('intime');
    const [first, second] = [await world.node('intime', { index: 1 }), await world.node('intime', { index: 2 })];

    first.boot();
    await until('a secret is published', () => world.secret('intime', 'control-plane/front-proxy-ca') !== undefined);
    await first.powerOff();
    first.boot();
    second.boot();
    await joined(first, second);

    await expectOneCluster('intime', [first, second]);
    expect(claim('intime')?.holder).toBe(nameOf(first));
    expect((await first.read('kubeadm.calls'))?.match(/^init/gm)).toHaveLength(1);
  });

  it('after it has published is waited for by nobody, and recognises itself', async () => {
    await world.ground('after');
    const [first, second] = [await world.node('after', { index: 1 }), await world.node('after', { index: 2 })];

    first.boot();
    await until('the CA is published', () => claim('after')?.state === 'published');
    await first.powerOff();
    second.boot();
    await joined(second);
    first.boot();
    await joined(first);

    await expectOneCluster('after', [first, second]);
    expect((await first.read('kubeadm.calls'))?.match(/^(init|join|reset)/gm)).toEqual(['init']);
  });
});

describe('control planes that are all gone', () => {
  const key = 'etcd/2026-11-29T10-03-11Z';
  const objects = (uid: string) => (name: string, content: string | Buffer) => world.aws.objects.put(`${uid}-backups`, name, content);
  const calls = async (node: TestNode) => (await node.read('kubeadm.calls'))?.match(/^(init|join)( phase [a-z-]+)?/gm);
  const authority = (node: TestNode) => node.read('etc/kubernetes/pki/ca.crt');
  let nodes: [TestNode, TestNode, TestNode];

  beforeAll(async () => {
    await world.ground('lost');
    const make = (index: number) => world.node('lost', { index });
    nodes = [await make(1), await make(2), await make(3)];
  });

  it('come back from the snapshot that the service asks for: on one of them, which the others join', async () => {
    const [first, second] = nodes;
    first.boot();
    await joined(first);
    const before = await authority(first);
    const packed = gzipSync('what etcd had then');
    objects('lost')(`${key}.db.gz`, packed);
    objects('lost')(`${key}.json`, JSON.stringify({ sha256: createHash('sha256').update(packed).digest('hex'), kubernetes: '1.35.0', encryptionKeys: ['key1'], members: [{ name: nameOf(first), peer: 'https://127.0.0.1:2380' }] }));
    await first.replace();
    for (const cluster of Object.keys(await world.members('lost'))) await rm(path.join(world.clusters('lost'), cluster, 'members'));
    await first.write('var/lib/etcd/member/wal', 'what the disk has kept');

    objects('lost')(restorationKey, JSON.stringify({ id: 'job', from: key }));
    first.boot();
    // What the machine before it has told says nothing.
    await until('the first is back', () => first.has('var/lib/clusterwright/joined'));
    second.boot();
    await joined(first, second);

    await expectOneCluster('lost', [first, second]);
    expect(await authority(first)).toBe(before);
    expect(await calls(first)).toEqual(['init phase preflight', 'init', 'init phase upload-config', 'init phase mark-control-plane']);
    expect(await calls(second)).toEqual(['join']);
    expect(await first.read('var/lib/etcd/member/db')).toBe('what etcd had then');
    expect(await first.read('ctr.calls')).toContain(`--initial-cluster ${nameOf(first)}=https://`);
    expect(await first.read('var/lib/etcd/member-before-job/wal')).toBe('what the disk has kept');
    expect(claim('lost', 'restoration')).toMatchObject({ holder: nameOf(first), authority: 'job' });
  });

  it('are not brought back beside one that lives, nor twice', async () => {
    const [, , third] = nodes;
    const due = () => third.library('address=10.20.0.99; here=$root/opt/clusterwright; . "$library/publish.sh"; . "$library/restoring.sh"; if restoration_due; then echo due; else echo not; fi');
    await third.run('bootstrap.sh');
    expect(await calls(third)).toEqual(['join']);
    expect((await due()).stdout).toBe('not\n');

    objects('lost')(restorationKey, JSON.stringify({ id: 'another', from: key }));
    expect((await due()).stdout).toBe('due\n');
    await writeFile(path.join(world.clusters('lost'), 'answers'), '');
    expect((await due()).stdout).toBe('not\n');
    await rm(path.join(world.clusters('lost'), 'answers'));
    const etcd = createServer().listen(2379, '127.0.0.1');
    await once(etcd, 'listening');
    expect(await due()).toMatchObject({ stdout: 'not\n', stderr: expect.stringContaining('etcd runs at 127.0.0.1') as string });
    etcd.close();
    objects('lost')(restorationKey, '{}');
    expect((await due()).stdout).toBe('not\n');
  });
});

describe('a node', () => {
  it('that is rebooted recognises itself', async () => {
    const node = world.nodes.find(({ facts }) => facts.uid === 'once' && facts.index === 2);
    if (node === undefined) throw new Error('the first test made it');
    const before = await node.read('kubeadm.calls');

    await node.powerOff();
    const { code } = await node.run('bootstrap.sh');

    expect(code).toBe(0);
    expect(await node.read('kubeadm.calls')).toBe(before);
    expect(stepOf(node)?.step).toBe('joined');
  });

  it.each([
    ['', (name: string) => ({ name, peerURLs: ['https://10.20.0.6:2380'] })],
    [', also where the one before never got further than to be announced', () => ({ name: '', peerURLs: ['https://10.20.0.12:2380'] })],
  ])('that is replaced joins as a new one, under the old name%s', async (_, member) => {
    const node = world.nodes.find(({ facts }) => facts.uid === 'once' && facts.index === 3);
    if (node === undefined) throw new Error('the first test made it');

    await node.replace();
    // The disk of etcd outlives the machine, and so does its member; beside it lies what a restore has put aside.
    await node.write('var/lib/etcd/member/wal', 'of the one before');
    await node.write('var/lib/etcd/member-before-2026-11-01T00-00-00Z/wal', 'of the time before a restore');
    const other = { ID: '9372538179322589801', name: 'ip-10-20-0-4.eu-west-1.compute.internal', peerURLs: ['https://10.20.0.4:2380'] };
    await node.write('members.json', JSON.stringify({ members: [other, { ID: '10501334649042878790', ...member(nameOf(node)) }] }));
    node.boot();
    await until('kubeadm has joined it', () => node.has('var/lib/clusterwright/joined'));

    expect(await world.violations('once')).toBe('');
    expect(JSON.parse((await node.read('members.json')) ?? '')).toEqual({ members: [other] });
    for (const left of ['member', 'member-before-2026-11-01T00-00-00Z']) expect(await node.has(`var/lib/etcd/${left}`)).toBe(false);
    expect(await node.read('kubectl.calls')).toContain(`delete node ${nameOf(node)} --ignore-not-found`);
  });

  it('fetches what its user data had no room for before it touches anything, and takes no other for it', async () => {
    await world.ground('archived');
    const node = await world.node('archived', { index: 1 });
    const { key = '' } = node.facts.archive ?? {};
    const archive = world.aws.objects.get('archived-backups', key)?.body ?? '';
    const impatient = { CLUSTERWRIGHT_PATIENCE_SECONDS: '1' };

    world.aws.objects.put('archived-backups', key, 'something else');
    expect((await node.run('bootstrap.sh', [], impatient)).code).toBe(1);
    expect(stepOf(node)).toMatchObject({ step: 'failed', message: `${key} is not what it was` });
    world.aws.objects.delete('archived-backups', key);
    expect((await node.run('bootstrap.sh', [], impatient)).code).toBe(1);
    expect(stepOf(node)?.message).toContain(`reading ${key}: 403`);
    expect(await node.has('opt/clusterwright/tasks/approver.sh')).toBe(false);
    expect(await node.has('host.calls')).toBe(false);

    world.aws.objects.put('archived-backups', key, Buffer.from(archive, 'base64'));
    expect((await node.run('bootstrap.sh')).code).toBe(0);
    for (const { path: file, content } of archivedFiles(nodeTemplates())) expect(await node.read(file)).toBe(content);
  });

  it('tells why it failed with the last lines, and without tokens', async () => {
    await world.ground('fails');
    const node = await world.node('fails', { index: 2 });

    expect((await node.run('bootstrap.sh', [], { INIT_FAILS: 'yes' })).code).toBe(1);

    expect(stepOf(node)?.step).toBe('failed');
    expect(stepOf(node)).toMatchObject({ index: 2, message: 'kubeadm could not start the cluster: error execution phase wait-control-plane: token [token] was of no use' });
    expect(claim('fails')?.state).toBe('free');
  });
});
