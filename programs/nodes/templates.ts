import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NodeFacts } from '../../model/rendezvous.js';

/** A file as it lands on a node, owned by root. */
export interface NodeFile {
  readonly path: string;
  readonly mode: '0600' | '0644' | '0755';
  readonly content: string;
}

/** The folders of node files: every node has `files` and `later`, and those of its role, of its cloud, of both together, and of its cloud with its pod network. */
const folders = ['files', 'later', 'control-plane', 'control-plane-later', 'worker', 'aws', 'azure', 'control-plane-azure', 'azure-flannel', 'aws-aws-vpc-cni'] as const;
type Folder = (typeof folders)[number];

/** Those whose files a control plane may fetch by itself: it needs none of them before its host is prepared. */
export const fetchedFolders = ['later', 'control-plane-later'] as const satisfies readonly Folder[];

/** What nodes are set up with. */
export interface NodeTemplates {
  /** The cloud-config that stands before the files. */
  readonly cloudConfig: string;
  readonly folders: Readonly<Record<Folder, readonly NodeFile[]>>;
  /** Twelve characters for the content of all of it; machines are tagged with the one that they were made with. */
  readonly revision: string;
}

const shipped = fileURLToPath(new URL('../../templates/nodes/', import.meta.url));

/** Reads the node templates: `cloud-config.yaml`, and below each folder everything at its place on the node. */
export function nodeTemplates(root: string = shipped): NodeTemplates {
  const cloudConfig = readFileSync(path.join(root, 'cloud-config.yaml'), 'utf8');
  const read = Object.fromEntries(folders.map((folder) => [folder, filesBelow(path.join(root, folder))])) as Record<Folder, NodeFile[]>;
  const revision = createHash('sha256').update(JSON.stringify([cloudConfig, read])).digest('hex').slice(0, 12);
  return { cloudConfig, folders: read, revision };
}

/** The files of a node by path, however it gets them, still with their placeholders: workers get nothing of a control plane, and a node of one cloud nothing of the other. */
export function filesOf(templates: NodeTemplates, { role, rendezvous, cni }: Pick<NodeFacts, 'role' | 'rendezvous' | 'cni'>): NodeFile[] {
  const { provider } = rendezvous;
  const own: readonly string[] = ['files', 'later', role, `${role}-later`, provider, `${role}-${provider}`, ...(cni === undefined ? [] : [`${provider}-${cni}`])];
  return folders.filter((folder) => own.includes(folder)).flatMap((folder) => templates.folders[folder]);
}

function filesBelow(root: string): NodeFile[] {
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort()
    .map((file) => ({ path: `/${path.relative(root, file)}`, content: readFileSync(file, 'utf8') }))
    .map((file): NodeFile => ({ ...file, mode: modeOf(file.path) }));
}

/** Scripts run; what concerns Kubernetes is for root alone (CIS 1.1 and 4.1). */
export function modeOf(file: string): NodeFile['mode'] {
  if (file.endsWith('.sh')) return '0755';
  return file.startsWith('/etc/kubernetes/') || file.startsWith('/etc/clusterwright/') ? '0600' : '0644';
}
