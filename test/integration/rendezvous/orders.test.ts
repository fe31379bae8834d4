import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { drillFindingSchema } from '../../../model/drill.js';
import { inspectionSchema, orderAnswerKey, orderAnswerSchema, orderKey, restoredFilesSchema, type NodeOrder } from '../../../model/orders.js';
import type { TestNode } from './node.js';
import { World } from './world.js';

let world: World;
let node: TestNode;
let name: string;
const uid = 'orders';
beforeAll(async () => {
  world = await World.open();
  await world.ground(uid);
  node = await world.node(uid, { index: 1 });
  expect((await node.run('bootstrap.sh')).code).toBe(0);
  name = (await node.library('printf %s "$node"')).stdout;
});
afterAll(() => world.close());

const give = (order: Omit<NodeOrder, 'task'> & { task: string }) => world.aws.objects.put(`${uid}-backups`, orderKey(name), JSON.stringify(order));
const look = (environment: Readonly<Record<string, string>> = {}) => node.run('orders.sh', ['once'], environment);
const answer = () => orderAnswerSchema.optional().parse(world.object(uid, orderAnswerKey(name)));
const snapshots = () => world.aws.objects.list(`${uid}-backups`, 'etcd/').filter(({ key }) => key.endsWith('.json')).map(({ key }) => key.replace('.json', ''));

describe('what a control plane is ordered', () => {
  it('is nothing at first: it answers nothing, and puts something there that its looks cost less with', async () => {
    expect((await look()).code).toBe(0);
    expect(answer()).toBeUndefined();
    expect(world.object(uid, orderKey(name))).toEqual({});
  });

  it('is answered with the last lines of a failure, without its secrets, and not tried again by itself', async () => {
    give({ id: 'first', task: 'etcd-snapshot', arguments: [] });
    expect((await look({ SNAPSHOT_FAILS: 'token abcdef.0123456789abcdef' })).code).toBe(0);
    expect(answer()).toMatchObject({ id: 'first', state: 'failed', result: null, message: expect.stringContaining('[token]') as string });

    expect((await look()).code).toBe(0);
    expect(answer()?.id).toBe('first');
    expect(snapshots()).toEqual([]);
  });

  it('is done once, and answered with what came of it', async () => {
    give({ id: 'second', task: 'etcd-snapshot', arguments: [] });
    for (const _ of [1, 2]) expect((await look()).code).toBe(0);
    expect(answer()).toMatchObject({ id: 'second', state: 'done', message: null });
    expect(snapshots()).toEqual([answer()?.result]);
  });

  it('is answered again where the answer could not be told', async () => {
    world.aws.objects.delete(`${uid}-backups`, orderAnswerKey(name));
    await node.library('rm "$state/answer.json.told"');
    expect((await look()).code).toBe(0);
    expect(answer()).toMatchObject({ id: 'second', state: 'done' });
    expect(snapshots()).toHaveLength(1);
  });

  it('is a script of its own, and nothing else that lies on its disk', async () => {
    for (const task of ['reboot', '../orders', 'tasks/approver']) {
      give({ id: task, task, arguments: [] });
      await look();
      expect(answer()).toMatchObject({ id: task, state: 'failed', message: 'this control plane knows no such order' });
    }
  });
});

describe('the member of a control plane that is about to go', () => {
  const id = 0xf0000000000000a1n;
  const remove = async (order: string, leader: bigint, environment: Readonly<Record<string, string>> = {}) => {
    await node.write('members.list', [`${id.toString(16)}, started, leaving, https://10.0.0.1:2380, https://10.0.0.1:2379, false`, '11, started, staying, https://10.0.0.2:2380, https://10.0.0.2:2379, false', ''].join('\n'));
    await node.write('leader', String(leader));
    await node.write('crictl.calls', '');
    give({ id: order, task: 'etcd-member-remove', arguments: ['leaving'] });
    expect((await look({ CLUSTERWRIGHT_DRAIN_SECONDS: '0', ...environment })).code).toBe(0);
    return ((await node.read('crictl.calls')) ?? '').split('\n').flatMap((call) => /--endpoints (\S+) .*?((?:endpoint|member|move-leader) ?.*)$/.exec(call)?.slice(1).join(' ') ?? []);
  };

  it('hands leadership on, when all others are healthy, and is taken out then', async () => {
    expect(await remove('leads', id)).toEqual(['https://10.0.0.2:2379 endpoint health', 'https://10.0.0.1:2379 move-leader 11', `https://127.0.0.1:2379 member remove ${id.toString(16)}`]);
    expect(answer()).toMatchObject({ id: 'leads', state: 'done' });
    expect(await remove('follows', 17n)).toEqual(['https://10.0.0.2:2379 endpoint health', `https://127.0.0.1:2379 member remove ${id.toString(16)}`]);
  });

  it('stays where another is not well', async () => {
    expect(await remove('refused', id, { UNHEALTHY: 'https://10.0.0.2:2379 is unhealthy' })).toEqual([]);
    expect(answer()).toMatchObject({ id: 'refused', state: 'failed', message: expect.stringContaining('is unhealthy') as string });
  });

  it('is nothing to do where it has gone', async () => {
    give({ id: 'gone', task: 'etcd-member-remove', arguments: ['nobody'] });
    await look();
    expect(answer()).toMatchObject({ id: 'gone', state: 'done' });
  });
});

describe('a control plane of a newer release', () => {
  const raised = async (known: string) => {
    await node.write('replaced.json', '{}');
    const { code } = await node.library(`export CLUSTER_RELEASE=${known}; . "$library/joining.sh"; raise_release`);
    expect(code).toBe(0);
    return JSON.parse((await node.read('replaced.json')) ?? '') as unknown;
  };

  it('makes the cluster one of its release before it joins, and never one of an older', async () => {
    const { kubernetesRelease } = node.facts;
    expect(await raised('1.9.20')).toEqual({ data: { ClusterConfiguration: `clusterName: pay\nkubernetesVersion: v${kubernetesRelease}` } });
    for (const known of [kubernetesRelease, '1.99.0']) expect(await raised(known)).toEqual({});
  });
});

describe('the files of a control plane', () => {
  let order = 0;
  const told = async (task: 'inspect' | 'restore-files', words: readonly string[] = []) => {
    give({ id: `${task}-${(order += 1)}`, task, arguments: [...words] });
    expect((await look()).code).toBe(0);
    expect(answer()).toMatchObject({ id: `${task}-${order}`, state: 'done' });
    return answer()?.result;
  };
  const manifest = '/etc/kubernetes/manifests/etcd.yaml';
  const script = '/opt/clusterwright/tasks/certificates.sh';
  const file = (name: string) => path.join(node.root, name);

  it('are what they were when it joined, also after it has renewed its certificates', async () => {
    expect(inspectionSchema.parse(await told('inspect'))).toMatchObject({ differences: [] });
    await node.library('mkdir -p "$state/manifests"; mv "$root/etc/kubernetes/manifests/etcd.yaml" "$state/manifests/"');
    expect(inspectionSchema.parse(await told('inspect'))).toMatchObject({ differences: [] });
    await node.library('mv "$state/manifests/etcd.yaml" "$root/etc/kubernetes/manifests/"');
  });

  it('that somebody has changed, added or removed are told by their checksums, and put back', async () => {
    const before = await readFile(file(manifest), 'utf8');
    await writeFile(file(manifest), 'password: hunter2');
    await writeFile(file('/etc/kubernetes/manifests/miner.yaml'), 'kind: Pod');
    await rm(file(script));

    const { differences } = inspectionSchema.parse(await told('inspect'));
    expect(differences.map(({ name, expected, seen }) => [name, expected === null, seen === null])).toEqual([[manifest, false, false], ['/etc/kubernetes/manifests/miner.yaml', true, false], [script, false, true]]);
    expect(JSON.stringify(answer())).not.toContain('hunter2');

    expect(restoredFilesSchema.parse(await told('restore-files', [script, manifest]))).toEqual(['/etc/kubernetes/manifests/miner.yaml']);
    expect(inspectionSchema.parse(await told('inspect')).differences.map(({ name }) => name)).toEqual([manifest, script]);
    expect(restoredFilesSchema.parse(await told('restore-files'))).toEqual([manifest, script]);
    expect(await readFile(file(manifest), 'utf8')).toBe(before);
    expect((await stat(file(script))).mode & 0o777).toBe(0o755);
    await expect(stat(file('/etc/kubernetes/manifests/miner.yaml'))).rejects.toThrow('ENOENT');
    expect(inspectionSchema.parse(await told('inspect'))).toMatchObject({ differences: [] });
    expect(await told('restore-files')).toEqual([]);
  });
});

describe('a restore drill', () => {
  const folder = 'var/lib/clusterwright/drill';
  const drill = (key: string, environment: Readonly<Record<string, string>> = {}) => node.run('orders/restore-drill.sh', [key], environment);
  const left = async () => [await node.has('containers/drill-etcd'), await node.has('containers/drill-kube-apiserver'), (await readdir(path.join(node.root, 'var/lib/clusterwright'))).filter((name) => /drill/.test(name)).length > 0];
  let key = '';

  beforeAll(async () => {
    for (const [pod, words] of [
      ['etcd', ['--client-cert-auth=true', '--cert-file=/etc/kubernetes/pki/etcd/server.crt', '--peer-key-file=/etc/kubernetes/pki/etcd/peer.key', '--data-dir=/var/lib/etcd']],
      ['kube-apiserver', ['--encryption-provider-config=/etc/kubernetes/clusterwright/encryption.yaml', '--service-account-issuer=https://issuer', '--audit-log-path=/var/log/audit.log', '--etcd-servers=https://127.0.0.1:2379']],
    ] as const) await node.write(`etc/kubernetes/manifests/${pod}.yaml`, `    - ${pod}\n${words.map((word) => `    - ${word}\n`).join('')}    image: registry.k8s.io/${pod}:1\n`);
    await node.write('var/lib/etcd/member/db', 'what etcd has today');
    const { code, stdout } = await node.run('orders/etcd-snapshot.sh');
    expect(code).toBe(0);
    key = z.string().parse(JSON.parse(stdout));
    await node.write('ctr.calls', '');
  });

  it('finds in the snapshot what its description says, and leaves nothing but what it has found', async () => {
    const { code, stdout } = await drill(key);

    expect(code).toBe(0);
    const found = drillFindingSchema.parse(JSON.parse(stdout));
    expect(found).toMatchObject({ objects: { expected: 212, found: 212 }, secrets: { expected: 3, found: 3, refusal: null }, canary: 'whole' });
    expect(await left()).toEqual([false, false, false]);
    expect(await node.read('var/lib/etcd/member/db')).toBe('what etcd has today');
  });

  it('runs etcd and an API server for this machine alone, with what it takes to read, and asks nobody else', async () => {
    const [, etcd = '', server = ''] = ((await node.read('ctr.calls')) ?? '').split('\n');

    expect(etcd).toMatch(/etcd:1 drill-etcd etcd .*--listen-client-urls https:\/\/127\.0\.0\.1:12379 .*--client-cert-auth=true --cert-file=\S+ --peer-key-file=/);
    expect(etcd).not.toContain('--data-dir=/var/lib/etcd');
    expect(server).toMatch(/kube-apiserver:1 drill-kube-apiserver kube-apiserver --etcd-servers https:\/\/127\.0\.0\.1:12379 --bind-address 127\.0\.0\.1 .*--disable-admission-plugins \S+Webhook .*--encryption-provider-config=/);
    expect(server).not.toMatch(/audit|:2379/);
  });

  it('tells a canary that is another, one that is missing, and Secrets that cannot be read', async () => {
    const canary = (await node.read('canary.json')) ?? '';
    await node.write('canary.json', JSON.stringify({ data: { [name]: Buffer.from('another word').toString('base64') } }));
    expect(JSON.parse((await drill(key)).stdout)).toMatchObject({ canary: 'other' });
    await node.write('canary.json', JSON.stringify({ data: {} }));
    expect(JSON.parse((await drill(key, { SECRETS_FAIL: 'Error from server: no matching key was found' })).stdout)).toMatchObject({ canary: 'missing', secrets: { expected: 3, found: null, refusal: 'Error from server: no matching key was found' } });
    await node.write('canary.json', canary);

    // One from before there were canaries.
    const description = world.object(uid, `${key}.json`) as Record<string, unknown>;
    world.aws.objects.put(`${uid}-backups`, `${key}.json`, JSON.stringify({ ...description, canary: undefined, objects: undefined }));
    expect(JSON.parse((await drill(key)).stdout)).toMatchObject({ canary: 'unknown', objects: { expected: null, found: 212 } });
    world.aws.objects.put(`${uid}-backups`, `${key}.json`, JSON.stringify(description));
  });

  it('that fails, or was cut off, leaves nothing either', async () => {
    const { code, stderr } = await drill(key, { CONTAINER_ENDS: 'panic: the database is broken' });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/panic: the database is broken\netcd does not come up/)]);
    expect(await left()).toEqual([false, false, false]);

    await node.write(`${folder}/restoring/member/db`, 'of a drill that was cut off');
    await node.write('containers/drill-etcd', 'RUNNING');
    expect((await drill(key)).code).toBe(0);
    expect(await left()).toEqual([false, false, false]);
  });
});

describe('a restore', () => {
  const key = 'etcd/2026-11-29T10-03-11Z';
  const data = 'var/lib/etcd';
  const pods = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
  const manifest = (pod: string) => `etc/kubernetes/manifests/${pod}.yaml`;
  const running = async () => (await Promise.all(pods.map((pod) => node.has(manifest(pod))))).filter(Boolean).length;
  const restore = (...words: string[]) => node.run('orders/etcd-restore.sh', words);
  const aside = async () => (await readdir(path.join(node.root, data))).filter((name) => name.startsWith('member-before-'));

  /** Puts a snapshot into the store, with a description that may say something else. */
  function save(description: object = {}): void {
    const packed = gzipSync('what etcd had then');
    world.aws.objects.put(`${uid}-backups`, `${key}.db.gz`, packed);
    const told = { sha256: createHash('sha256').update(packed).digest('hex'), kubernetes: '1.35.0', encryptionKeys: ['key1'], members: [{ name, peer: 'https://10.0.0.1:2380' }, { name: 'b', peer: 'https://10.0.0.2:2380' }], ...description };
    world.aws.objects.put(`${uid}-backups`, `${key}.json`, JSON.stringify(told));
  }

  beforeAll(async () => {
    for (const pod of pods) await node.write(manifest(pod), pod === 'etcd' ? '    image: registry.k8s.io/etcd:3.6.4-0\n' : '');
    await node.write(`${data}/member/db`, 'what etcd has today');
  });

  it('is refused before anything stops: of other members, of a key that has gone, or other than it was saved', async () => {
    for (const [description, words] of [
      [{ members: [{ name: 'b', peer: 'https://10.0.0.2:2380' }] }, 'other members'], [{ encryptionKeys: ['key1', 'key1700000000'] }, 'key1700000000'], [{ sha256: '0'.repeat(64) }, 'did NOT match'],
    ] as const) {
      save(description);
      const { code, stderr } = await restore('prepare', key, 'first');
      expect([code, stderr]).toEqual([1, expect.stringContaining(words)]);
    }
    expect((await restore('start', 'first')).stderr).toContain('nothing is prepared as first');
    expect(await running()).toBe(4);
  });

  it('makes the data while etcd runs, and does not put them in place before it has stopped', async () => {
    save();
    expect((await restore('prepare', key, 'first')).code).toBe(0);
    expect(await node.read('ctr.calls')).toMatch(new RegExp(`registry.k8s.io/etcd:3.6.4-0 .* --name ${name} --initial-cluster ${name}=https://10.0.0.1:2380,b=https://10.0.0.2:2380 .* --initial-advertise-peer-urls https://10.0.0.1:2380 `));
    expect((await restore('start', 'first')).stderr).toContain('etcd runs');
    expect(await node.read(`${data}/member/db`)).toBe('what etcd has today');
  });

  it('stops all, puts the data in place once, however often it is begun, and keeps those until now', async () => {
    expect((await restore('stop')).code).toBe(0);
    expect(await running()).toBe(0);
    for (const words of [['prepare', key, 'first'], ['start', 'first'], ['start', 'first']]) expect((await restore(...words)).code, words.join(' ')).toBe(0);

    expect(await running()).toBe(4);
    expect(await node.read(`${data}/member/db`)).toBe('what etcd had then');
    const [before = '', ...others] = await aside();
    expect(others).toEqual([]);
    expect(await node.read(`${data}/${before}/db`)).toBe('what etcd has today');
    expect(await node.read('systemctl.calls')).toContain('restart kubelet');
  });

  it('that is given up starts with what was there', async () => {
    expect((await restore('prepare', key, 'second')).code).toBe(0);
    await node.write(`${data}/member/db`, 'what came later');
    for (const words of [['stop'], ['start']]) expect((await restore(...words)).code).toBe(0);
    expect(await running()).toBe(4);
    expect(await node.read(`${data}/member/db`)).toBe('what came later');
  });

  it('is not begun again on a machine that has taken the place of the one that it was for', async () => {
    give({ id: 'stop', task: 'etcd-restore', arguments: ['stop'] });
    await look();
    expect(await running()).toBe(0);
    expect((await restore('start')).code).toBe(0);

    await rm(path.join(node.root, 'var/lib/clusterwright/answer.json'));
    expect((await look()).code).toBe(0);
    expect(await running()).toBe(4);
  });
});
