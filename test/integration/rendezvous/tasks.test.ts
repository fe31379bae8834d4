import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { expiryKey, nodeExpiriesSchema } from '../../../model/expiry.js';
import type { TestNode } from './node.js';
import { region, World } from './world.js';

const execute = promisify(execFile);

let world: World;
let first: TestNode;
let second: TestNode;
const uid = 'tasks';
beforeAll(async () => {
  world = await World.open();
  await world.ground(uid);
  [first, second] = [await world.node(uid, { index: 1 }), await world.node(uid, { index: 2 })];
  for (const node of [first, second]) expect((await node.run('bootstrap.sh')).code).toBe(0);
});
afterAll(() => world.close());

const version = (name: string): number => world.aws.parameters.get(region, `/clusterwright/${uid}/${name}`)?.version ?? 0;
/** Lets the time go by after which a task is due again. */
async function makeDue(task: string): Promise<void> {
  const claim = world.object(uid, `rendezvous/claims/${task}.json`) as Record<string, unknown>;
  world.aws.objects.put(`${uid}-backups`, `rendezvous/claims/${task}.json`, JSON.stringify({ ...claim, until: 0 }));
  await Promise.resolve();
}

describe('what control planes publish', () => {
  it('is renewed by one of them when it is time, and a late worker joins with the new token', async () => {
    const before = world.secret(uid, 'join/token') ?? '';
    for (const node of [first, second]) expect((await node.run('tasks/publish.sh')).code).toBe(0);
    const renewed = { token: version('join/token'), client: version('provisioner/client'), ca: version('join/ca') };
    await first.run('tasks/publish.sh');

    expect(renewed).toEqual({ token: 2, client: 2, ca: 1 });
    expect(version('join/token')).toBe(2);
    await makeDue('access');
    await second.run('tasks/publish.sh');
    expect(version('join/token')).toBe(3);

    // A day later the first token is worth nothing.
    const [cluster = ''] = Object.keys(await world.members(uid));
    await writeFile(path.join(world.clusters(uid), cluster, 'tokens', before), '0');
    const worker = await world.node(uid, { role: 'worker', pool: 'general', index: null });
    expect((await worker.run('bootstrap.sh')).code).toBe(0);
    expect(Object.values(await world.members(uid))[0]).toHaveLength(3);
  });

  it('is taken up by another where the one whose turn it is fails', async () => {
    await makeDue('access');
    world.sandbox.faults.add({ kind: 'fail', type: 'ssm:PutParameter', times: 6, message: 'out of order' });

    expect((await first.run('tasks/publish.sh')).code).not.toBe(0);
    const before = version('join/token');
    expect((await second.run('tasks/publish.sh')).code).toBe(0);

    expect(version('join/token')).toBeGreaterThan(before);
  });

  it('has the issuer\'s keys in step with those of the API server', async () => {
    const keysOf = () => (world.object(uid, 'openid/v1/jwks', 'issuer') as { keys: { kid: string }[] }).keys[0]?.kid;
    const before = keysOf();
    for (const node of [first, second]) await execute('openssl', ['genrsa', '-out', path.join(node.root, 'etc/kubernetes/pki/sa.pub'), '2048']);
    await makeDue('issuer');

    await second.run('tasks/publish.sh');

    expect(keysOf()).not.toBe(before);
  });
});

describe('the key of what etcd holds', () => {
  const file = 'etc/kubernetes/clusterwright/encryption.yaml';
  const names = async (node: TestNode): Promise<string[]> => [...((await node.read(file)) ?? '').matchAll(/name: (key[^,]*)/g)].map(([, name = '']) => name);
  const order = (node: TestNode, ...words: string[]) => node.run('orders/encryption-key.sh', words, { CLUSTERWRIGHT_VERDICT_SECONDS: '0.1' });
  const follow = async (place: string): Promise<void> => {
    for (const node of [first, second]) expect(await order(node, 'follow', 'key-b', place)).toMatchObject({ code: 0 });
  };
  const written = async (): Promise<string[]> => Promise.all(['payments', 'default'].map(async (namespace) => (await first.read(`secrets/${namespace}`)) ?? ''));

  it('is replaced in steps that can be done again: read by all, then written with by all, then alone', async () => {
    for (const namespace of ['payments', 'default']) await first.write(`secrets/${namespace}`, 'k8s:enc:secretbox:v1:key1:\nin plain text\n');
    const before = world.secret(uid, 'control-plane/encryption-key') ?? '';

    for (const _ of [1, 2]) expect((await order(first, 'add', 'key-b')).code).toBe(0);
    await follow('among');
    expect([await names(first), await names(second)]).toEqual([['key1', 'key-b'], ['key1', 'key-b']]);
    for (const _ of [1, 2]) expect((await order(first, 'first', 'key-b')).code).toBe(0);
    await follow('first');
    expect([await names(first), await names(second)]).toEqual([['key-b', 'key1'], ['key-b', 'key1']]);
    expect((await order(first, 'rewrite', 'key-b')).code).toBe(0);
    expect(await written()).toEqual(Array(2).fill('k8s:enc:secretbox:v1:key-b:\nk8s:enc:secretbox:v1:key-b:\n'));
    for (const _ of [1, 2]) expect((await order(first, 'only', 'key-b')).code).toBe(0);
    await follow('only');
    expect([await names(first), await names(second)]).toEqual([['key-b'], ['key-b']]);
    expect(world.secret(uid, 'control-plane/encryption-key')).not.toContain(before);

    // Another who takes the job over begins at its beginning.
    const after = world.secret(uid, 'control-plane/encryption-key');
    for (const step of ['add', 'first', 'only']) expect((await order(second, step, 'key-b')).code).toBe(0);
    await follow('among');
    expect(world.secret(uid, 'control-plane/encryption-key')).toBe(after);
  });

  it('stays where not everything can be written anew, and is never one that nobody has', async () => {
    for (const step of ['add', 'first']) expect((await order(first, step, 'key-c')).code).toBe(0);
    expect((await order(first, 'follow', 'key-c', 'first')).code).toBe(0);
    await first.write('kept.payments', '');
    const refused = await order(first, 'rewrite', 'key-c');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/admission webhook "keep" denied.*\nnot all Secrets of the namespace payments can be written anew/);
    const before = world.secret(uid, 'control-plane/encryption-key');
    for (const step of ['first', 'only']) expect((await order(first, step, 'key-d')).code).toBe(1);
    expect(world.secret(uid, 'control-plane/encryption-key')).toBe(before);
  });
});

describe('the certificates of a control plane', () => {
  const serial = async (node: TestNode): Promise<string> => (await execute('openssl', ['x509', '-in', path.join(node.root, 'etc/kubernetes/pki/etcd/peer.crt'), '-noout', '-serial'])).stdout;
  const renew = (node: TestNode, words: string[], environment: Readonly<Record<string, string>> = {}) => node.run('orders/renew-certificates.sh', words, environment);

  it('are renewed when it is ordered, with what the service comes in with where that is ordered as well', async () => {
    const [before, client] = [await serial(first), version('provisioner/client')];

    const { code, stdout } = await renew(first, []);
    expect(code).toBe(0);
    expect(Object.keys(JSON.parse(stdout) as object).sort()).toEqual(['apiserver', 'apiserver-etcd-client', 'apiserver-kubelet-client', 'etcd/healthcheck-client', 'etcd/peer', 'etcd/server', 'front-proxy-client']);
    expect(await serial(first)).not.toBe(before);
    expect(version('provisioner/client')).toBe(client);
    expect(await first.read('var/lib/node-exporter/textfile/certificates.prom')).toMatch(/^clusterwright_certificate_expiry_timestamp_seconds\{certificate="apiserver"\} \d{10}$/m);

    expect((await renew(first, ['access'])).code).toBe(0);
    expect(version('provisioner/client')).toBe(client + 1);
    const told = nodeExpiriesSchema.parse(world.object(uid, expiryKey((await first.library('printf %s "$node"')).stdout)));
    expect(Object.keys(told.authorities)).toEqual(['ca', 'front-proxy-ca', 'etcd/ca']);
    expect(Date.parse(told.joinToken ?? '') - Date.now()).toBeGreaterThan(23 * 3_600_000);
  });

  it('stay where etcd misses a member already', async () => {
    const before = await serial(second);
    const refused = await renew(second, [], { UNHEALTHY: 'https://10.0.0.3:2379 is unhealthy' });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/10\.0\.0\.3:2379 is unhealthy\nnot all members of etcd are well/);
    expect(await serial(second)).toBe(before);
  });
});

describe('etcd', () => {
  /** What it was told, with the member that was. */
  const etcdCalls = async (): Promise<string[]> => [...((await first.read('crictl.calls')) ?? '').matchAll(/--endpoints (\S+) .*?(defrag|compact \d+|alarm disarm)$/gm)].map(([, member, what]) => `${member} ${what}`);

  it('is saved once for the cluster, with a checksum and its members; by another where the first could not', async () => {
    expect((await first.run('tasks/etcd-snapshot.sh', [], { SNAPSHOT_FAILS: 'yes' })).code).toBe(1);
    expect(world.aws.objects.list(`${uid}-backups`, 'etcd/')).toEqual([]);

    for (const node of [second, first]) expect((await node.run('tasks/etcd-snapshot.sh')).code).toBe(0);

    const saved = world.aws.objects.list(`${uid}-backups`, 'etcd/').map(({ key }) => key);
    expect(saved).toEqual([expect.stringMatching(/^etcd\/.*Z\.db\.gz$/), expect.stringMatching(/^etcd\/.*Z\.json$/)]);
    const packed = Buffer.from(world.aws.objects.get(`${uid}-backups`, saved[0] ?? '')?.body ?? '', 'base64');
    expect(gunzipSync(packed).toString()).toBe('the contents of etcd');
    // In it is a word that nobody has known before, of which the description has the digest only.
    const { data } = z.object({ data: z.record(z.string(), z.base64()) }).parse(JSON.parse((await second.read('canary.json')) ?? ''));
    const [canaryNode = '', word = Buffer.alloc(0)] = Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64')] as const)[0] ?? [];
    expect(word.toString()).toMatch(/^\d{4}-\d\d-\d\dT[\d:]{8}Z [0-9a-f]{32}$/);
    expect(canaryNode).toBe((await second.library('printf %s "$node"')).stdout);
    expect(world.object(uid, saved[1] ?? '')).toEqual({ sha256: createHash('sha256').update(packed).digest('hex'), kubernetes: '1.35.0', encryptionKeys: ['key-b'], revision: 40, objects: 212, canary: { node: canaryNode, sha256: createHash('sha256').update(word).digest('hex') }, members: [{ name: 'a', peer: 'https://10.0.0.1:2380' }, { name: 'b', peer: 'https://10.0.0.2:2380' }] });
    expect((await first.run('orders/etcd-restore.sh', ['list'])).stdout.trim()).toBe(saved[1]?.replace('.json', ''));
    // For the alert on snapshots that are too old: by the one that saved, where node-exporter looks.
    const metric = 'var/lib/node-exporter/textfile/etcd-snapshot.prom';
    expect(await second.read(metric)).toMatch(/^clusterwright_etcd_snapshot_timestamp_seconds \d{10}\n$/);
    expect((await stat(path.join(second.root, metric))).mode & 0o777).toBe(0o644);
    expect(await first.read(metric)).toBeUndefined();
  });

  it('is saved without a word to find again while the API server is away', async () => {
    expect((await first.run('tasks/etcd-snapshot.sh', ['now'], { APPLY_FAILS: 'connection refused' })).code).toBe(0);
    const descriptions = world.aws.objects.list(`${uid}-backups`, 'etcd/').filter(({ key }) => key.endsWith('.json'));
    expect(world.object(uid, descriptions.at(-1)?.key ?? '')).toMatchObject({ canary: null, objects: 212 });
  });

  it('gives back space member after member, the leader last', async () => {
    await first.run('tasks/etcd-defragmentation.sh');

    expect(await etcdCalls()).toEqual(['https://1 defrag', 'https://3 defrag', 'https://2 defrag']);
  });

  it('is compacted, given its space back and told so when it has run out of room, even though it is not time yet', async () => {
    await rm(path.join(first.root, 'crictl.calls'));
    await first.write('full', '');

    for (const _ of [1, 2]) expect((await first.run('tasks/etcd-defragmentation.sh')).code).toBe(0);

    expect(await etcdCalls()).toEqual(['https://127.0.0.1:2379 compact 42', 'https://1 defrag', 'https://3 defrag', 'https://2 defrag', 'https://127.0.0.1:2379 alarm disarm']);
  });
});

describe('the serving certificates of kubelets', () => {
  const node = 'ip-10-20-0-50.eu-west-1.compute.internal';
  const other = 'ip-10-20-0-51.eu-west-1.compute.internal';
  const addresses = (name: string, address: string) => ({ metadata: { name }, status: { addresses: [{ type: 'InternalIP', address }, { type: 'Hostname', address: name }] } });

  async function request(name: string, over: { user?: string; groups?: string[]; usages?: string[]; subject?: string; names?: string; signer?: string } = {}): Promise<unknown> {
    const user = over.user ?? `system:node:${node}`;
    const file = path.join(first.root, `${name}.pem`);
    const names = over.names ?? `DNS:${node},IP:10.20.0.50`;
    await execute('openssl', ['req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', '/dev/null', '-subj', over.subject ?? `/O=system:nodes/CN=${user}`, ...(names === '' ? [] : ['-addext', `subjectAltName=${names}`]), '-out', file]);
    const pem = await first.read(`${name}.pem`);
    return {
      metadata: { name },
      spec: {
        signerName: over.signer ?? 'kubernetes.io/kubelet-serving', username: user, groups: over.groups ?? ['system:nodes', 'system:authenticated'],
        usages: over.usages ?? ['digital signature', 'server auth'], request: Buffer.from(pem ?? '').toString('base64'),
      },
    };
  }

  it('are approved for the node\'s own name and addresses, and for nothing else', async () => {
    const items = [
      await request('good'),
      await request('another-name', { names: `DNS:${other},IP:10.20.0.50` }),
      await request('another-address', { names: `DNS:${node},IP:10.20.0.51` }),
      await request('unknown-address', { names: `DNS:${node},IP:10.96.0.1` }),
      await request('no-address', { names: '' }),
      await request('a-mail', { names: `DNS:${node},email:a@b.example` }),
      await request('a-client', { usages: ['digital signature', 'server auth', 'client auth'] }),
      await request('another-subject', { subject: `/O=system:masters/CN=system:node:${node}` }),
      await request('more-organisations', { subject: `/O=system:nodes/O=system:masters/CN=system:node:${node}` }),
      await request('no-node', { user: 'mallory', subject: `/O=system:nodes/CN=system:node:${node}` }),
      await request('no-group', { groups: ['system:authenticated'] }),
      await request('another-signer', { signer: 'kubernetes.io/kube-apiserver-client' }),
    ];
    await writeFile(path.join(first.root, 'requests.json'), JSON.stringify({ items }));
    await writeFile(path.join(first.root, 'nodes.json'), JSON.stringify({ items: [addresses(node, '10.20.0.50'), addresses(other, '10.20.0.51')] }));

    const { stderr } = await first.run('tasks/approver.sh', ['once']);

    expect([...((await first.read('kubectl.calls')) ?? '').matchAll(/certificate approve (.*)/g)].map(([, name]) => name)).toEqual(['good']);
    expect([...stderr.matchAll(/^([\w-]+) waits: /gm)].map(([, name]) => name)).toEqual(items.slice(1, -1).map((item) => (item as { metadata: { name: string } }).metadata.name));
  });

  it('are not approved for an address that two nodes claim', async () => {
    await writeFile(path.join(first.root, 'requests.json'), JSON.stringify({ items: [await request('twice')] }));
    await writeFile(path.join(first.root, 'nodes.json'), JSON.stringify({ items: [addresses(node, '10.20.0.50'), addresses(other, '10.20.0.50')] }));

    expect((await first.run('tasks/approver.sh', ['once'])).stderr).toContain('twice waits: IP Address:10.20.0.50 is not the node\'s alone');
  });
});
