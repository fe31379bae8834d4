import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { policiesOf } from '../../../programs/platform/values/kyverno-policies.js';
import { policyFiles, type PolicyFile } from '../../../templates/policies/index.js';
import { kubernetesProgram } from '../../support/kubernetes-programs.js';
import { passed, policedSpec, refused } from '../../support/policy-cases.js';

/** A pod, and what one policy is to say of it. */
interface Case {
  readonly policy: PolicyFile;
  readonly pod: string;
  readonly result: 'pass' | 'fail';
}

/** Every policy on what it objects to, on what another one objects to, which it lets pass, and on what is good. */
const pods = new Map<string, { contents: object; wrong: PolicyFile | undefined }>([
  ...policyFiles.flatMap((policy) => Object.values(refused[policy]).map((contents, index): [string, { contents: object; wrong: PolicyFile }] => [`${policy}-${index}`, { contents, wrong: policy }])),
  ...Object.values(passed).map((contents, index): [string, { contents: object; wrong: undefined }] => [`good-${index}`, { contents, wrong: undefined }]),
]);
const cases = policyFiles.flatMap((policy) => Array.from(pods, ([pod, { wrong }]): Case => ({ policy, pod, result: wrong === policy ? 'fail' : 'pass' })));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'policies-'));
  writeFileSync(path.join(folder, 'policies.yaml'), policiesOf(policedSpec).map((policy) => stringify(policy)).join('---\n'));
  writeFileSync(path.join(folder, 'pods.yaml'), Array.from(pods, ([name, { contents }]) => stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'payments' }, spec: contents })).join('---\n'));
});
afterAll(() => { rmSync(folder, { recursive: true }); });

/** Has Kyverno's own command line compare what the policies say with what they are to say; rejects where it finds a difference. */
async function kyvernoTest(expected: readonly Case[]): Promise<string> {
  writeFileSync(path.join(folder, 'kyverno-test.yaml'), stringify({
    apiVersion: 'cli.kyverno.io/v1alpha1', kind: 'Test', metadata: { name: 'policies' },
    policies: ['policies.yaml'], resources: ['pods.yaml'],
    results: expected.map(({ policy, pod, result }) => ({ isValidatingPolicy: true, policy, kind: 'Pod', resources: [`payments/${pod}`], result })),
  }));
  return (await promisify(execFile)(kubernetesProgram('kyverno', 'kyverno'), ['test', folder, '--require-tests', '--remove-color'])).stdout;
}

describe('policies, read by Kyverno\'s own command line', () => {
  it('object to what they are for and let pass the rest', async () => {
    expect(await kyvernoTest(cases)).toContain(`${cases.length} tests passed and 0 tests failed`);
  }, 60_000);

  it('would be found out, each for each pod, if they said the opposite', async () => {
    const opposite = cases.map((expected): Case => ({ ...expected, result: expected.result === 'pass' ? 'fail' : 'pass' }));
    await expect(kyvernoTest(opposite)).rejects.toMatchObject({ stdout: expect.stringContaining(`0 tests passed and ${cases.length} tests failed`) as unknown });
  }, 60_000);
});
