import { createHash } from 'node:crypto';
import { nodeArchivePrefix, type NodeFacts } from '../../model/rendezvous.js';
import { filledFiles } from './render.js';
import { tarOf } from './tar.js';
import { fetchedFolders, type NodeFile, type NodeTemplates } from './templates.js';

/** An archive of node files, as nodes find it in their cluster's private bucket. */
export interface NodeArchive {
  /** What nodes are told of it. */
  readonly facts: NonNullable<NodeFacts['archive']>;
  readonly content: Buffer;
}

/**
 * The files of `later/` and `control-plane-later/`, which a control plane does not need until its host is prepared: on AWS, where user data is short of room, it fetches them; on
 * Azure, and on workers, they come with all others. They are the same for all clusters: one that asks for a value of the node's facts is refused.
 */
export function archivedFiles(templates: NodeTemplates): NodeFile[] {
  return filledFiles(fetchedFolders.flatMap((folder) => templates.folders[folder]), {});
}

/** These files as an archive. Its key is made of its content, so that a machine always finds what it was made with: another release's is another object. */
export function nodeArchive(templates: NodeTemplates): NodeArchive {
  const content = tarOf(archivedFiles(templates));
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { facts: { key: `${nodeArchivePrefix}control-plane-${sha256}.tar`, sha256 }, content };
}
