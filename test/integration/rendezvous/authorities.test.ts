import { execFile } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { expiryKey, nodeExpiriesSchema } from '../../../model/expiry.js';
import { authoritiesMark } from '../../../model/rendezvous.js';
import type { TestNode } from './node.js';
import { World } from './world.js';

const execute = promisify(execFile);
const claimSchema = z.object({ authority: z.string(), state: z.literal('published'), token: z.string() });
const pki = 'etc/kubernetes/pki';
const kubelets = 'var/lib/kubelet/pki';
const authorities = ['ca', 'front-proxy-ca', 'etcd/ca'];
const leaves = { apiserver: 'ca', 'apiserver-kubelet-client': 'ca', 'front-proxy-client': 'front-proxy-ca', 'etcd/peer': 'etcd/ca', 'apiserver-etcd-client': 'etcd/ca' } as const;

let world: World;
let nodes: TestNode[];
const uid = 'authorities';
beforeAll(async () => {
  world = await World.open();
  await world.ground(uid);
  nodes = [await world.node(uid, { index: 1 }), await world.node(uid, { index: 2 })];
  for (const node of nodes) expect((await node.run('bootstrap.sh')).code).toBe(0);
  // The first one has certificates of its kubelet.
  await mkdir(path.join(first().root, kubelets), { recursive: true });
  await first().library(`cd "$root/${kubelets}"; . "$library/publish.sh"; for name in client server; do client_certificate "$pki/ca" /CN=kubelet; cat "$work/client.crt" "$work/client.key" > kubelet-$name-current.pem; done`);
  before = Object.fromEntries(authorities.map((name) => [name, world.secret(uid, secretOf(name)) ?? '']));
});
afterAll(() => world.close());

let before: Readonly<Record<string, string>>;
const first = (): TestNode => {
  const [node] = nodes;
  if (node === undefined) throw new Error('there is no node');
  return node;
};
const secretOf = (name: string): string => `control-plane/${name.replace('/', '-')}`;
const blocks = (text: string | undefined, kind: string): string[] => (text ?? '').match(new RegExp(`-----BEGIN ${kind}-----[^-]*-----END ${kind}-----\n`, 'g')) ?? [];
const certificates = (text: string | undefined): string[] => blocks(text, 'CERTIFICATE');
const print = (certificate = ''): string => createHash('sha256').update(new X509Certificate(certificate).raw).digest('hex');
const claim = () => claimSchema.parse(world.object(uid, 'rendezvous/claims/initialiser.json'));
const order = (node: TestNode, word: string, environment: Readonly<Record<string, string>> = {}) => node.run('orders/authorities.sh', [word], { CLUSTERWRIGHT_VERDICT_SECONDS: '0.1', ...environment });
/** Each step twice: it may have been cut off. */
async function once(word: string): Promise<void> {
  for (const _ of [1, 2]) expect(await order(first(), word)).toMatchObject({ code: 0 });
}
async function follow(): Promise<void> {
  for (const node of [...nodes, first()]) expect(await order(node, 'follow')).toMatchObject({ code: 0 });
}
const read = (node: TestNode, file: string) => node.read(`${pki}/${file}`);
/** Who has signed what a node has: `old` or `new`, by the CAs' certificates. */
async function signers(node: TestNode): Promise<string[]> {
  const signed = Object.entries(leaves).map(async ([leaf, authority]) => signerOf(await read(node, `${leaf}.crt`), authority));
  return [...new Set(await Promise.all(signed))];
}
const old = (name: string): string => certificates(before[name])[0] ?? '';
const signerOf = (leaf: string | undefined, authority: string): string => (new X509Certificate(leaf ?? '').verify(new X509Certificate(old(authority)).publicKey) ? 'old' : 'new');
const kubelet = async (): Promise<string[]> => Promise.all(['client', 'server'].map(async (name) => signerOf(certificates(await first().read(`${kubelets}/kubelet-${name}-current.pem`))[0], 'ca')));
/** Whom the kubeconfig of a node trusts. */
const trusts = async (node: TestNode): Promise<string> => Buffer.from(/certificate-authority-data: (\S+)/.exec((await node.read('etc/kubernetes/admin.conf')) ?? '')?.[1] ?? '', 'base64').toString();
const manifest = async (node: TestNode): Promise<string> => (await node.read('etc/kubernetes/manifests/kube-controller-manager.yaml')) ?? '';

describe('new authorities', () => {
  it('are trusted by each control plane before anything is signed by them', async () => {
    await first().write('cluster-info.json', JSON.stringify({ data: { kubeconfig: 'clusters:\n- cluster:\n    certificate-authority-data: old\n    server: https://x' } }));
    await once('add');
    for (const name of authorities) {
      const stored = world.secret(uid, secretOf(name));
      expect([certificates(stored)[0], certificates(stored).length, blocks(stored, 'PRIVATE KEY').length]).toEqual([old(name), 2, 2]);
    }
    const refused = await order(first(), 'follow', { UNHEALTHY: 'https://10.0.0.3:2379 is unhealthy' });
    expect([refused.code, certificates(await read(first(), 'ca.crt')).length]).toEqual([1, 1]);
    expect((await order(first(), 'renew')).stderr).toContain('does not sign for kubelets yet');

    await follow();
    for (const node of nodes) {
      expect(certificates(await read(node, 'etcd/ca.crt'))).toEqual(certificates(world.secret(uid, secretOf('etcd/ca'))));
      expect(await trusts(node)).toBe(await read(node, 'ca.crt'));
      expect(await signers(node)).toEqual(['old']);
      // The controller manager does not begin with a file of two certificates.
      expect(await manifest(node)).toContain('cluster-signing-cert-file=/etc/kubernetes/pki/signer.crt');
      expect(await read(node, 'signer.crt')).toBe(old('ca'));
    }
  });

  it('stay as they are where a control plane is upgraded in place meanwhile', async () => {
    await first().write('opt/clusterwright/upgrade.sh', '#!/bin/bash\n');
    expect(await first().run('orders/upgrade-in-place.sh', ['1.35', '1.35.0'], { CLUSTERWRIGHT_DRAIN_SECONDS: '0' })).toMatchObject({ code: 0 });
    expect(await manifest(first())).toContain('cluster-signing-cert-file=/etc/kubernetes/pki/signer.crt');
    expect([await trusts(first()), await read(first(), 'signer.crt'), await first().has('etc/kubernetes/patches/kube-controller-manager0+json.json')]).toEqual([await read(first(), 'ca.crt'), old('ca'), false]);
  });

  it('sign for kubelets then, and who comes in meanwhile trusts both', async () => {
    const holder = claim().token;
    await once('sign');
    await follow();
    await once('publish');
    const both = certificates(world.secret(uid, 'join/ca'));
    expect(both).toEqual(certificates(world.secret(uid, 'control-plane/ca')));
    expect(claim()).toMatchObject({ authority: `${print(both[1])} ${print(both[0])}`, token: holder });
    for (const node of nodes) expect([await read(node, 'signer.crt'), await signers(node)]).toEqual([both[1], ['old']]);
    expect(await first().read('replaced.json')).toContain(Buffer.from(both.join('')).toString('base64'));

    const third = await world.node(uid, { index: 3 });
    expect((await third.run('bootstrap.sh')).code).toBe(0);
    nodes.push(third);
    expect([await signers(third), await read(third, 'signer.crt'), await trusts(third)]).toEqual([['old'], both[1], both.join('')]);
    expect(await manifest(third)).toContain('cluster-signing-cert-file=/etc/kubernetes/pki/signer.crt');
    const worker = await world.node(uid, { role: 'worker', pool: 'general', index: null });
    expect((await worker.run('bootstrap.sh')).code).toBe(0);
    expect(await worker.read('run/clusterwright/join-worker.yaml')).toContain(`clusterwright.io/authorities=${authoritiesMark(both.join(''))}`);
    expect(authoritiesMark([...both].reverse().join(''))).toBe(authoritiesMark(both.join('')));
    const told = nodeExpiriesSchema.parse(world.object(uid, expiryKey((await first().library('printf %s "$node"')).stdout)));
    expect(Object.keys(told.authorities)).toEqual(['ca-old', 'ca', 'front-proxy-ca-old', 'front-proxy-ca', 'etcd/ca-old', 'etcd/ca']);
  });

  it('sign all when they are to, kubelets\' certificates among it, also where a renewal was cut off', async () => {
    expect((await order(first(), 'drop')).stderr).toContain('the old authorities sign still');
    await once('renew');
    // A control plane that has not followed yet does not take it back.
    const stored = world.secret(uid, 'control-plane/ca');
    expect((await order(nodes[1] ?? first(), 'publish')).code).toBe(0);
    expect((await nodes[1]?.library('. "$library/publish.sh"; . "$library/authorities.sh"; publish_all'))?.code).toBe(0);
    expect(world.secret(uid, 'control-plane/ca')).toBe(stored);

    expect((await order(first(), 'follow', { RENEWAL_FAILS: 'yes' })).code).toBe(1);
    expect(await signers(first())).toEqual(['old']);
    await follow();
    for (const node of nodes) expect([await signers(node), await trusts(node)]).toEqual([['new'], await read(node, 'ca.crt')]);
    expect(await kubelet()).toEqual(['new', 'new']);
  });

  it('are alone in the end: on each control plane, in the secret store, and for who comes in', async () => {
    await once('publish');
    await once('drop');
    await follow();
    await once('publish');

    for (const name of authorities) {
      const stored = world.secret(uid, secretOf(name));
      expect([certificates(stored).length, blocks(stored, 'PRIVATE KEY').length, certificates(stored)[0] === old(name)]).toEqual([1, 1, false]);
      for (const node of nodes) expect(await read(node, `${name}.crt`)).toBe(certificates(stored)[0]);
    }
    expect(world.secret(uid, 'join/ca')).toBe(await read(first(), 'ca.crt'));
    expect(claim().authority).toBe(print(world.secret(uid, 'join/ca')));
    for (const node of nodes) {
      expect([await trusts(node), await read(node, 'signer.crt')]).toEqual([world.secret(uid, 'join/ca'), undefined]);
      expect(await manifest(node)).not.toContain('signer');
      expect((await execute('grep', ['--recursive', '--files-with-matches', '--fixed-strings', old('ca').split('\n')[5] ?? '', node.root]).catch(() => ({ stdout: '' }))).stdout).toBe('');
    }
    const worker = await world.node(uid, { role: 'worker', pool: 'general', index: null });
    expect((await worker.run('bootstrap.sh')).code).toBe(0);
    // Another rotation begins at the beginning.
    await once('add');
    expect(certificates(world.secret(uid, 'control-plane/ca'))).toHaveLength(2);
  });
});
