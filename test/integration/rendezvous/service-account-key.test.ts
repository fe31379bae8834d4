import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { followedKeySchema, lastingTokensSchema } from '../../../model/service-account-key.js';
import type { TestNode } from './node.js';
import { World } from './world.js';

let world: World;
let first: TestNode;
let second: TestNode;
const uid = 'tokens';
beforeAll(async () => {
  world = await World.open();
  await world.ground(uid);
  [first, second] = [await world.node(uid, { index: 1 }), await world.node(uid, { index: 2 })];
  for (const node of [first, second]) expect((await node.run('bootstrap.sh')).code).toBe(0);
  [old = ''] = stored().trusted;
});
afterAll(() => world.close());

/** The public key from before. */
let old: string;
const blocks = (text: string | undefined, kind: string): string[] => (text ?? '').match(new RegExp(`-----BEGIN ${kind}-----[^-]*-----END ${kind}-----\n`, 'g')) ?? [];
const stored = () => {
  const text = world.secret(uid, 'control-plane/sa');
  return { trusted: blocks(text, 'PUBLIC KEY'), signing: blocks(text, 'PRIVATE KEY') };
};
const publicOf = (key = ''): string => createPublicKey(createPrivateKey(key)).export({ type: 'spki', format: 'pem' }).toString();
const read = async (node: TestNode, file: 'sa.pub' | 'sa.key'): Promise<string[]> => blocks(await node.read(`etc/kubernetes/pki/${file}`), file === 'sa.pub' ? 'PUBLIC KEY' : 'PRIVATE KEY');
const published = (): number => z.object({ keys: z.array(z.unknown()) }).parse(world.object(uid, 'openid/v1/jwks', 'issuer')).keys.length;
const order = (node: TestNode, word: string, environment: Readonly<Record<string, string>> = {}) => node.run('orders/service-account-key.sh', [word], environment);
/** Each step twice: it may have been cut off. */
async function once(word: string): Promise<void> {
  for (const _ of [1, 2]) expect(await order(first, word)).toMatchObject({ code: 0 });
}
async function follow(node: TestNode) {
  const { code, stdout } = await order(node, 'follow');
  expect(code).toBe(0);
  return followedKeySchema.parse(JSON.parse(stdout));
}

describe('a new key of service accounts\' tokens', () => {
  it('is trusted by one control plane after the other while the old one signs, and published when no control plane takes that back', async () => {
    expect(await follow(first)).toMatchObject({ stage: 'alone' });
    await once('add');
    expect(stored().trusted).toEqual([old, expect.not.stringContaining(old)]);
    expect(stored().signing.map(publicOf)).toEqual(stored().trusted);
    const refused = await order(first, 'follow', { UNHEALTHY: 'https://10.0.0.3:2379 is unhealthy' });
    expect([refused.code, await read(first, 'sa.pub')]).toEqual([1, [old]]);
    expect((await order(first, 'publish')).stderr).toContain('goes by other keys');
    expect((await order(first, 'drop')).stderr).toContain('the old key signs still');

    expect(await follow(first)).toMatchObject({ stage: 'trusted' });
    expect([await read(first, 'sa.pub'), await read(first, 'sa.key')]).toEqual([stored().trusted, stored().signing]);
    await once('publish');
    // One that has not followed is due, and has published the old one alone before.
    await second.library('rm -f "$state"/issuer-*; . "$library/publish.sh"; . "$library/authorities.sh"; publish_issuer');
    expect([await read(second, 'sa.pub'), published()]).toEqual([[old], 2]);
    await follow(second);
  });

  it('signs then, on each control plane, and nobody has the old private key any more', async () => {
    await once('sign');
    const { trusted, signing } = stored();
    expect([trusted[1], signing.map(publicOf)]).toEqual([old, [trusted[0]]]);
    const before = Date.now();
    for (const node of [first, second, first]) {
      const { stage, since } = await follow(node);
      expect([stage, Date.parse(since) >= before - 1000]).toEqual(['signs', true]);
    }
    const since = await follow(first);
    expect(await follow(first)).toEqual(since);

    const third = await world.node(uid, { index: 3 });
    expect((await third.run('bootstrap.sh')).code).toBe(0);
    for (const node of [first, second, third]) expect([await read(node, 'sa.pub'), await read(node, 'sa.key')]).toEqual([trusted, signing]);
    // Another who begins a rotation finds this one.
    for (const word of ['add', 'publish', 'sign']) await once(word);
    expect(stored()).toEqual({ trusted, signing });
  });

  it('leaves tokens in Secrets behind that the old one has signed, which are told of by their names', async () => {
    const token = (key = '') => {
      const kid = createHash('sha256').update(createPublicKey(key).export({ type: 'spki', format: 'der' })).digest('base64url');
      return Buffer.from(`${Buffer.from(JSON.stringify({ alg: 'RS256', kid })).toString('base64url')}.e30.c2ln`).toString('base64');
    };
    const secret = (name: string, data: object | undefined) => ({ metadata: { namespace: 'payments', name }, ...(data === undefined ? {} : { data }) });
    await first.write('tokens.json', JSON.stringify({ items: [secret('ci', { token: token(old) }), secret('cd', { token: token(stored().trusted[0]) }), secret('coming', undefined)] }));

    const { code, stdout } = await order(first, 'tokens');

    expect([code, lastingTokensSchema.parse(JSON.parse(stdout))]).toEqual([0, ['payments/ci']]);
  });

  it('is alone in the end: in the secret store, on each control plane, and for who checks tokens outside; also where a node was cut off', async () => {
    await once('drop');
    await second.write('var/lib/clusterwright/following-key', '');
    for (const node of [first, second, ...world.nodes.slice(2)]) expect(await follow(node)).toMatchObject({ stage: 'alone' });
    await once('publish');

    const { trusted, signing } = stored();
    expect([trusted, signing.map(publicOf), published()]).toEqual([[expect.not.stringContaining(old)], trusted, 1]);
    for (const node of world.nodes) expect([await read(node, 'sa.pub'), await read(node, 'sa.key'), await node.has('var/lib/clusterwright/following-key')]).toEqual([trusted, signing, false]);
    await once('add');
    expect(stored().trusted).toHaveLength(2);
  });
});
