import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { nodeFactsPath, nodeFactsSchema, type NodeFacts } from '../../../model/rendezvous.js';
import { controlPlaneFacts, workerFacts } from '../../../programs/nodes/facts.js';
import { nodeTemplates } from '../../../programs/nodes/templates.js';
import { cloudConfig, userData } from '../../../programs/nodes/user-data.js';
import { expectGolden, goldenFiles } from '../../support/golden.js';
import { inputOf, specOf } from '../../support/infrastructure-input.js';

const pool = { name: 'gpu', machineType: 'm7i.xlarge', labels: { tier: 'gpu' }, taints: [{ key: 'gpu', value: 'true', effect: 'NoSchedule' }] };

async function facts(role: NodeFacts['role']): Promise<NodeFacts> {
  const input = inputOf(await specOf('production', { nodePools: [pool] }));
  const [first] = input.spec.nodePools;
  if (!first) throw new Error('the spec has no pool');
  return role === 'control-plane' ? controlPlaneFacts(input, 1) : workerFacts(input, first);
}

interface CloudConfig { write_files: { path: string; permissions: string; content: string }[]; runcmd: string[][] }
const fileOf = (text: string, path: string) => (parse(text) as CloudConfig).write_files.find((file) => file.path === path);

describe('user data', () => {
  it.each(['control-plane', 'worker'] as const)('of a %s is what the golden file shows', async (role) => {
    expectGolden(`nodes/${role}.yaml`, cloudConfig(nodeTemplates(), await facts(role)));
  });

  it('has a golden file for each role and no other', () => {
    expect(goldenFiles('nodes')).toEqual(['control-plane.yaml', 'worker.yaml']);
  });

  it('brings the node its facts', async () => {
    const given = await facts('worker');
    const written: unknown = JSON.parse(fileOf(cloudConfig(nodeTemplates(), given), nodeFactsPath)?.content ?? '');
    expect(nodeFactsSchema.parse(written)).toEqual(given);
  });

  it('names every file that it runs, as executable', async () => {
    const text = cloudConfig(nodeTemplates(), await facts('worker'));
    for (const [command = ''] of (parse(text) as CloudConfig).runcmd) expect(fileOf(text, command)?.permissions).toBe('0755');
  });

  it('says nothing of a pool\'s bounds', async () => {
    const spec = await specOf('production');
    const of = (minNodes: number, maxNodes: number) => spec.nodePools.map((given) => workerFacts(inputOf(spec), { ...given, minNodes, maxNodes }));
    expect(of(1, 5)).toEqual(of(3, 50));
  });

  it('is packed into far less than the cloud\'s limit', async () => {
    const packed = Buffer.from(userData(nodeTemplates(), await facts('control-plane')), 'base64');
    expect(packed.length).toBeLessThan(8 * 1024);
    expect(gunzipSync(packed).toString()).toBe(cloudConfig(nodeTemplates(), await facts('control-plane')));
  });

  it('is refused where it is too large', async () => {
    // Random bytes do not pack.
    const templates = { ...nodeTemplates(), cloudConfig: `#cloud-config\n# ${randomBytes(16_384).toString('base64')}\n` };
    const given = await facts('worker');
    expect(() => userData(templates, given)).toThrow(/the limit is 16384/);
  });

  it('has a revision that follows its content', () => {
    const templates = nodeTemplates();
    expect(templates.revision).toMatch(/^[0-9a-f]{12}$/);
    expect(nodeTemplates().revision).toBe(templates.revision);
  });
});
