import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { Policies } from '../../../model/policies.js';
import { signedImages } from '../../../programs/platform/values/signed-images.js';
import { kubernetesProgram } from '../../support/kubernetes-programs.js';
import { startSigningRegistry, type SigningRegistry } from '../../support/signing-registry.js';
import { specOf } from '../../unit/platform/clusters.js';

const spec = specOf('production');
let registry: SigningRegistry;
let folder: string;
beforeAll(async () => {
  registry = await startSigningRegistry();
  folder = mkdtempSync(path.join(tmpdir(), 'signatures-'));
});
afterAll(async () => {
  await registry.close();
  rmSync(folder, { recursive: true });
});

/** What Kyverno's command line says to a pod with these images, where those of the registry have to be signed with its key: it asks the registry for signatures as Kyverno does. */
async function verdict(mode: Policies['mode'], pod: object): Promise<'pass' | 'fail'> {
  // A spec names no port; the rest is as for one that does not.
  const policies: Policies = { mode, trustedRegistries: [], signedImages: [{ by: 'key', images: registry.images, key: registry.key }] };
  writeFileSync(path.join(folder, 'policies.yaml'), signedImages({ ...spec, policies }).map((policy) => stringify(policy)).join('---\n'));
  writeFileSync(path.join(folder, 'pods.yaml'), stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'payments' }, spec: pod }));
  const says = async (result: 'pass' | 'fail'): Promise<boolean> => {
    writeFileSync(path.join(folder, 'kyverno-test.yaml'), stringify({
      apiVersion: 'cli.kyverno.io/v1alpha1', kind: 'Test', metadata: { name: 'signatures' }, policies: ['policies.yaml'], resources: ['pods.yaml'],
      results: [{ isImageValidatingPolicy: true, policy: 'signed-images', kind: 'Pod', resources: ['payments/p'], result }],
    }));
    return promisify(execFile)(kubernetesProgram('kyverno', 'kyverno'), ['test', folder, '--require-tests', '--remove-color', '--registry']).then(() => true, () => false);
  };
  const [passes, fails] = [await says('pass'), await says('fail')];
  if (passes === fails) throw new Error('the policy neither lets the pod pass nor objects to it');
  return passes ? 'pass' : 'fail';
}

const container = (image: string) => ({ name: 'c', image });
const pinned = (tag: keyof SigningRegistry['digests']) => container(`${registry.images}/app@${registry.digests[tag]}`);

describe('signed images, looked at by Kyverno\'s own command line', () => {
  it('let an image pass that the key has signed', async () => {
    expect(await verdict('enforce', { containers: [pinned('signed')] })).toBe('pass');
  });

  it.each(['unsigned', 'foreign'] as const)('object to an image that is %s', async (tag) => {
    expect(await verdict('enforce', { containers: [pinned(tag)] })).toBe('fail');
  });

  it('object to it in an init container', async () => {
    expect(await verdict('enforce', { containers: [pinned('signed')], initContainers: [{ ...pinned('unsigned'), name: 'i' }] })).toBe('fail');
  });

  it('ask nothing of other images', async () => {
    expect(await verdict('enforce', { containers: [pinned('signed'), { ...container('registry.example.com/app:1'), name: 'other' }] })).toBe('pass');
  });

  it('look at a tag where they report, and want the digest that was looked at where they refuse', async () => {
    const pod = { containers: [container(`${registry.images}/app:signed`)] };
    expect(await verdict('audit', pod)).toBe('pass');
    expect(await verdict('enforce', pod)).toBe('fail');
  });
});
