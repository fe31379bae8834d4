import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file as it lands on a node. */
export interface NodeFile {
  readonly path: string;
  readonly mode: '0644' | '0755';
  readonly content: string;
}

/** What nodes are set up with. */
export interface NodeTemplates {
  /** The cloud-config that the files are added to. */
  readonly cloudConfig: string;
  readonly files: readonly NodeFile[];
  /** Twelve characters for the content of all of it; machines are tagged with the one that they were made with. */
  readonly revision: string;
}

const shipped = fileURLToPath(new URL('../../templates/nodes/', import.meta.url));

/** Reads the node templates: `cloud-config.yaml`, and below `files/` everything at its place on the node; scripts become executable. */
export function nodeTemplates(folder: string = shipped): NodeTemplates {
  const root = path.join(folder, 'files');
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort()
    .map((file): NodeFile => ({ path: `/${path.relative(root, file)}`, mode: file.endsWith('.sh') ? '0755' : '0644', content: readFileSync(file, 'utf8') }));
  const cloudConfig = readFileSync(path.join(folder, 'cloud-config.yaml'), 'utf8');
  const revision = createHash('sha256').update(JSON.stringify([cloudConfig, files])).digest('hex').slice(0, 12);
  return { cloudConfig, files, revision };
}
