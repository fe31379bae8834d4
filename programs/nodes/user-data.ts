import { gzipSync } from 'node:zlib';
import { stringify } from 'yaml';
import { nodeFactsPath, type NodeFacts } from '../../model/rendezvous.js';
import type { NodeTemplates } from './templates.js';

/** Bytes that AWS takes as user data, before base64; Azure takes more. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html */
const userDataLimit = 16 * 1024;

/** The cloud-config of a node as text: the templates' and, as `write_files`, their files and the node's facts. Whoever is on a machine can read it: no secret is in it. */
export function cloudConfig(templates: NodeTemplates, facts: NodeFacts): string {
  const files = [
    ...templates.files.map(({ path, mode, content }) => ({ path, permissions: mode, content })),
    { path: nodeFactsPath, permissions: '0644', content: `${JSON.stringify(facts, null, 2)}\n` },
  ];
  return templates.cloudConfig + stringify({ write_files: files }, { lineWidth: 0 });
}

/** The cloud-config as the clouds' interfaces take it: gzip, which cloud-init unpacks by itself, in base64. Throws where it is too large. */
export function userData(templates: NodeTemplates, facts: NodeFacts): string {
  const packed = gzipSync(cloudConfig(templates, facts), { level: 9 });
  if (packed.length > userDataLimit) throw new RangeError(`the user data of ${facts.cluster} takes ${packed.length} bytes; the limit is ${userDataLimit}`);
  return packed.toString('base64');
}
