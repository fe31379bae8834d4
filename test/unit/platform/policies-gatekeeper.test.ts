import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { z } from 'zod';
import { constraintsOf } from '../../../programs/platform/gatekeeper.js';
import { policyFiles } from '../../../templates/policies/index.js';
import { kubernetesProgram } from '../../support/kubernetes-programs.js';
import { passed, policedSpec, refused } from '../../support/policy-cases.js';

const violations = z.array(z.object({ constraint: z.object({ metadata: z.object({ name: z.string() }) }), violatingObject: z.object({ metadata: z.object({ name: z.string() }) }), enforcementAction: z.string() }))
  // None at all.
  .nullable().transform((found) => found ?? []);

let folder: string;
beforeAll(() => { folder = mkdtempSync(path.join(tmpdir(), 'constraints-')); });
afterAll(() => { rmSync(folder, { recursive: true }); });

/** What Gatekeeper's own command line says of pods: each with the policies that object to it and what is to become of it. It ends with an error where something is refused. */
async function objections(pods: ReadonlyMap<string, object>, namespace = 'payments'): Promise<string[]> {
  const constrained = constraintsOf({ ...policedSpec, platform: { ...policedSpec.platform, policy: 'gatekeeper' } });
  const objects = [...constrained.flatMap(({ template, constraint }) => [template, constraint]), ...Array.from(pods, ([name, contents]) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec: contents }))];
  const file = path.join(folder, 'all.yaml');
  writeFileSync(file, objects.map((object) => stringify(object)).join('---\n'));
  const run = promisify(execFile)(kubernetesProgram('gatekeeper', 'gator'), ['test', '--filename', file, '--output', 'json'], { maxBuffer: 16 * 1024 * 1024 });
  // It would wait for objects from there too.
  run.child.stdin?.end();
  const output = await run.then(({ stdout }) => stdout, (error: unknown) => (error as { stdout: string }).stdout);
  return violations.parse(JSON.parse(output)).map(({ constraint, violatingObject, enforcementAction }) => `${violatingObject.metadata.name}: ${constraint.metadata.name} ${enforcementAction}`).sort();
}

describe('policies, read by Gatekeeper\'s own command line', () => {
  const bad = new Map(policyFiles.flatMap((policy) => Object.values(refused[policy]).map((contents, index): [string, object] => [`${policy}-${index}`, contents])));

  it('object to what they are for, each alone, and say what is to become of it', async () => {
    expect(await objections(bad)).toEqual(policyFiles.flatMap((policy) => Object.keys(refused[policy]).map((_, index) => `${policy}-${index}: ${policy} ${policy === 'read-only-root' ? 'dryrun' : 'deny'}`)).sort());
  }, 60_000);

  it('let pass what is good', async () => {
    expect(await objections(new Map(Object.values(passed).map((contents, index) => [`good-${index}`, contents])))).toEqual([]);
  }, 60_000);

  it('leave the namespaces of add-ons alone', async () => {
    expect(await objections(bad, 'monitoring')).toEqual([]);
  }, 60_000);
});
