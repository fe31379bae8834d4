import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { NodeFacts } from '../../model/rendezvous.js';
import { kubernetesVersions, providers, type ClusterSpec, type KubernetesVersion, type Provider } from '../../model/spec.js';
import { nodeArchive } from '../../programs/nodes/archive.js';
import { controlPlaneFacts, workerFacts } from '../../programs/nodes/facts.js';
import { nodeTemplates, type NodeFile } from '../../programs/nodes/templates.js';
import { specOf } from './infrastructure-input.js';

export const nodeRoles = ['control-plane', 'worker'] as const;
export const clusterTemplates = ['development', 'production', 'hardened'] as const;

/** A node of a cluster that a template makes. */
export interface NodeCase {
  readonly template: (typeof clusterTemplates)[number];
  readonly provider: Provider;
  readonly minor: KubernetesVersion;
  readonly role: NodeFacts['role'];
}

/** Every kind of node there is: template by cloud by minor by role. */
export const nodeCases: readonly NodeCase[] = clusterTemplates.flatMap((template) =>
  providers.flatMap((provider) => kubernetesVersions.flatMap((minor) => nodeRoles.map((role) => ({ template, provider, minor, role })))));

/** The facts of a node. */
export async function factsOf({ template, provider, minor, role }: NodeCase, changes: Partial<ClusterSpec> = {}): Promise<NodeFacts> {
  const spec: ClusterSpec = { ...(await specOf(template, { provider })), kubernetesVersion: minor, ...changes };
  const source = { spec, uid: 'abc123def456' };
  const [pool] = spec.nodePools;
  if (pool === undefined) throw new Error('the spec has no pool');
  return role === 'control-plane' ? controlPlaneFacts(source, 1, archiveOn(provider)) : workerFacts(source, pool);
}

/** What control planes of a cloud are told of their archive: on Azure there is none. */
export function archiveOn(provider: Provider): NodeFacts['archive'] {
  return provider === 'aws' ? nodeArchive(nodeTemplates()).facts : undefined;
}

/** The file at a path; fails where there is none. */
export function fileAt(files: readonly NodeFile[], wanted: string): NodeFile {
  const file = files.find(({ path: found }) => found === wanted);
  if (file === undefined) throw new Error(`there is no ${wanted}`);
  return file;
}

/** Puts files below a folder, as cloud-init puts them below the root. */
export function layOut(files: readonly NodeFile[], root: string): void {
  for (const { path: place, mode, content } of files) {
    const target = path.join(root, place);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, content);
    chmodSync(target, Number.parseInt(mode, 8));
  }
}

/** What a node's own script fills in when it boots. */
export const filledByNode = (text: string): string =>
  text.replaceAll('${NODE_NAME}', 'ip-10-20-0-16.eu-west-1.compute.internal').replaceAll('${NODE_ADDRESS}', '10.20.0.16').replaceAll('${PROVIDER_ID}', 'aws:///eu-west-1a/i-0123456789abcdef0');

const execute = promisify(execFile);

/** Runs a program to its end: exit code and all it said. Throws where there is no such program. */
export async function runProgram(program: string, args: readonly string[], options: { env?: NodeJS.ProcessEnv; cwd?: string } = {}): Promise<{ code: number; output: string }> {
  try {
    const { stdout, stderr } = await execute(program, [...args], { maxBuffer: 64 * 1024 * 1024, ...options });
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: unknown; stdout?: string; stderr?: string };
    if (typeof code !== 'number') throw error;
    return { code, output: `${stdout ?? ''}${stderr ?? ''}` };
  }
}
