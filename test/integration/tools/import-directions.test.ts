import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

const checkout = path.resolve(import.meta.dirname, '../../..');

/** One wrong import each: the rule that must fire, the file and what it imports. */
const wrong: [rule: string, file: string, imported: string][] = [
  ['direction-model', 'model/a.ts', '../store/target.js'],
  ['direction-store', 'store/a.ts', '../api/target.js'],
  ['direction-api', 'api/a.ts', '../worker/target.js'],
  ['direction-api', 'api/b.ts', '../sandbox/target.js'],
  ['direction-worker', 'worker/a.ts', '../api/target.js'],
  ['direction-worker', 'worker/b.ts', '../templates/target.js'],
  ['direction-worker', 'worker/c.ts', '../sandbox/target.js'],
  ['direction-worker', 'worker/d.ts', '../bin/target.js'],
  ['direction-programs', 'programs/a.ts', '../store/target.js'],
  ['direction-templates', 'templates/a.ts', '../model/target.js'],
  ['direction-sandbox', 'sandbox/a.ts', '../worker/target.js'],
  ['direction-sandbox', 'sandbox/b.ts', '../test/target.js'],
  ['bin-outside-tests', 'bin/a.ts', '../bench/target.js'],
  ['clouds-apart', 'programs/aws/a.ts', '../azure/target.js'],
  ['clouds-apart', 'worker/cloud/azure/a.ts', '../aws/target.js'],
  ['resources-by-class-file', 'programs/aws/b.ts', '@pulumi/aws'],
  ['resources-by-class-file', 'programs/aws/c.ts', '@pulumi/aws/ec2/index.js'],
  ['cloud-resources-only-in-programs', 'sandbox/c.ts', '@pulumi/aws/ec2/vpc.js'],
  ['engine-only-in-programs-and-worker', 'api/c.ts', '@pulumi/pulumi'],
  ['engine-only-in-programs-and-worker', 'sandbox/d.ts', '@pulumi/pulumi'],
  ['engine-protocol-only-in-sandbox', 'model/b.ts', '@pulumi/pulumi/proto/provider_pb.js'],
  ['cloud-clients-only-in-worker-cloud', 'worker/e.ts', '@aws-sdk/client-ssm'],
  ['cloud-clients-only-in-worker-cloud', 'programs/aws/d.ts', '@aws-sdk/client-ssm'],
  ['no-development-libraries', 'api/d.ts', 'vitest'],
  ['resolvable', 'model/c.ts', './nowhere.js'],
  ['declared-libraries', 'model/d.ts', 'undeclared'],
];

/** What must stay allowed, among the same kinds. */
const right: [file: string, imported: string][] = [
  ['worker/right.ts', '../programs/target.js'],
  ['programs/aws/right.ts', '@pulumi/aws/ec2/vpc.js'],
  ['programs/right.ts', '@pulumi/pulumi'],
  ['worker/cloud/aws/right.ts', '@aws-sdk/client-ssm'],
  ['worker/cloud/aws/own-cloud.ts', '../../../programs/aws/target.js'],
  ['sandbox/right.ts', '@pulumi/pulumi/proto/provider_pb.js'],
  ['bin/right.ts', '../sandbox/target.js'],
  ['test/right.ts', '../sandbox/target.js'],
];

const report = z.object({
  summary: z.object({ violations: z.array(z.object({ from: z.string(), rule: z.object({ name: z.string() }) })) }),
});

describe('import directions', () => {
  let folder: string;
  let violations: string[];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'clusterwright-imports-'));
    await writeTree(folder);
    violations = await cruise(folder);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(wrong)('%s refuses %s → %s', (rule, file) => {
    expect(violations).toContain(`${rule} ${file}`);
  });

  it('refuses a cycle', () => {
    expect(violations).toContain('no-cycles model/cycle-a.ts');
  });

  it('reports nothing else', () => {
    const expected = new Set([...wrong.map(([rule, file]) => `${rule} ${file}`), 'no-cycles model/cycle-a.ts', 'no-cycles model/cycle-b.ts']);

    expect(violations.filter((violation) => !expected.has(violation))).toEqual([]);
  });
});

async function writeTree(folder: string): Promise<void> {
  const write = async (file: string, text: string) => {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), text);
  };
  const rooms = ['model', 'store', 'api', 'worker', 'programs', 'templates', 'sandbox', 'bin', 'test', 'bench', 'tools'];
  const targets = [...rooms, 'programs/aws', 'programs/azure', 'worker/cloud/aws', 'worker/cloud/azure'];
  await Promise.all(targets.map((room) => write(`${room}/target.ts`, 'export const target = 1;\n')));
  const imports = [...wrong.map(([, file, imported]) => [file, imported] as const), ...right];
  await Promise.all(imports.map(([file, imported]) => write(file, `import * as target from '${imported}';\nexport const used = target;\n`)));
  await write('model/cycle-a.ts', "import { b } from './cycle-b.js';\nexport const a = (): unknown => b;\n");
  await write('model/cycle-b.ts', "import { a } from './cycle-a.js';\nexport const b = (): unknown => a;\n");

  const libraries = ['@pulumi/aws', '@pulumi/pulumi', '@aws-sdk/client-ssm', 'vitest', 'undeclared'];
  for (const library of libraries) {
    await write(`node_modules/${library}/package.json`, JSON.stringify({ name: library, version: '1.0.0', main: 'index.js' }));
    for (const file of ['index.js', 'ec2/index.js', 'ec2/vpc.js', 'proto/provider_pb.js']) await write(`node_modules/${library}/${file}`, 'exports.target = 1;\n');
  }
  const dependencies = { '@pulumi/aws': '1.0.0', '@pulumi/pulumi': '1.0.0', '@aws-sdk/client-ssm': '1.0.0' };
  await write('package.json', JSON.stringify({ type: 'module', dependencies, devDependencies: { vitest: '1.0.0' } }));
  for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json']) await cp(path.join(checkout, file), path.join(folder, file));
}

/** @returns `rule file`, one entry per violation */
async function cruise(folder: string): Promise<string[]> {
  const program = path.join(checkout, 'node_modules/.bin/depcruise');
  const args = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'model', 'store', 'api', 'worker', 'programs', 'templates', 'sandbox', 'bin', 'test', 'bench', 'tools'];
  const { stdout } = await promisify(execFile)(program, args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
  return report.parse(JSON.parse(stdout)).summary.violations.map(({ from, rule }) => `${rule.name} ${from}`);
}
