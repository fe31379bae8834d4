import { gzipSync } from 'node:zlib';
import { stringify } from 'yaml';
import type { NodeFacts } from '../../model/rendezvous.js';
import type { Provider } from '../../model/spec.js';
import { compact, nodeFiles } from './render.js';
import { fetchedFolders, type NodeFile, type NodeTemplates } from './templates.js';

/**
 * Bytes that a cloud takes as user data, before base64. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html,
 * https://learn.microsoft.com/azure/virtual-machines/custom-data
 */
export const userDataLimits: Readonly<Record<Provider, number>> = { aws: 16 * 1024, azure: 64 * 1024 };

/** A part of the user data: a cloud-config under its own name. */
export interface UserDataPart {
  readonly name: string;
  readonly content: string;
}

/** It must not occur in a part. */
const boundary = '==clusterwright==';

/** The files of a node that come with its user data: all but those that it fetches by itself. */
export function userDataFiles(templates: NodeTemplates, facts: NodeFacts): NodeFile[] {
  const fetched = new Set(facts.archive === undefined ? [] : fetchedFolders.flatMap((folder) => templates.folders[folder].map(({ path }) => path)));
  return nodeFiles(templates, facts).filter(({ path }) => !fetched.has(path));
}

/** What a node is told: the templates' cloud-config, and a second one with its files and who may sign in. No secret is in them. */
export function userDataParts(templates: NodeTemplates, facts: NodeFacts): UserDataPart[] {
  // 0644 is cloud-init's own choice.
  const files = userDataFiles(templates, facts).map(({ path, mode, content }) => ({ path, ...(mode === '0644' ? {} : { permissions: mode }), content }));
  const node = { ...(facts.sshKeys.length > 0 ? { ssh_authorized_keys: facts.sshKeys } : {}), write_files: files };
  return [
    { name: 'cloud-config.yaml', content: compact({ path: 'cloud-config.yaml', content: templates.cloudConfig }) },
    { name: 'node.yaml', content: `#cloud-config\n${stringify(node, { lineWidth: 0, indent: 1, indentSeq: false })}` },
  ];
}

/** Parts as one MIME message. https://docs.cloud-init.io/en/latest/explanation/format.html#mime-multi-part-archive */
export function multipart(parts: readonly UserDataPart[]): string {
  const lines = parts.flatMap(({ name, content }) => [
    `--${boundary}`, 'Content-Type: text/cloud-config; charset="utf-8"', `Content-Disposition: attachment; filename="${name}"`, '', content,
  ]);
  return ['MIME-Version: 1.0', `Content-Type: multipart/mixed; boundary="${boundary}"`, '', ...lines, `--${boundary}--`, ''].join('\n');
}

/** The user data as the clouds' interfaces take it: gzip, which cloud-init unpacks by itself, in base64. Throws where it is too large. Of all memory levels 6 packs these texts best. */
export function userData(templates: NodeTemplates, facts: NodeFacts): string {
  const packed = gzipSync(multipart(userDataParts(templates, facts)), { level: 9, memLevel: 6 });
  const limit = userDataLimits[facts.rendezvous.provider];
  if (packed.length > limit) throw new RangeError(`the user data of ${facts.cluster} takes ${packed.length} bytes; the limit is ${limit}`);
  return packed.toString('base64');
}
