import { gunzipSync } from 'node:zlib';
import { parse } from 'yaml';
import { nodeFactsPath, nodeFactsSchema, type NodeFacts } from '../../../model/rendezvous.js';
import type { PropertyMap } from '../../protocol/values.js';
import { isRecord, listAt, stringAt } from '../json.js';

/** The node facts in an instance's user data, or undefined where it is not one of our nodes. */
export function nodeFactsOf(instance: PropertyMap): NodeFacts | undefined {
  const plain = instance['userData'];
  const encoded = instance['userDataBase64'];
  const bytes = typeof encoded === 'string' ? Buffer.from(encoded, 'base64') : typeof plain === 'string' ? Buffer.from(plain) : undefined;
  const text = bytes === undefined ? undefined : unpacked(bytes);
  return text?.startsWith('#cloud-config') === true ? factsIn(text) : undefined;
}

/** cloud-init unpacks gzip by itself. */
function unpacked(bytes: Buffer): string | undefined {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.toString('utf8');
  try {
    return gunzipSync(bytes).toString('utf8');
  } catch {
    return undefined;
  }
}

function factsIn(cloudConfig: string): NodeFacts | undefined {
  try {
    const config: unknown = parse(cloudConfig);
    const file = listAt(config, 'write_files').find((entry) => isRecord(entry) && entry['path'] === nodeFactsPath);
    const content = stringAt(file, 'content');
    if (content === undefined) return undefined;
    return nodeFactsSchema.safeParse(JSON.parse(decoded(content, stringAt(file, 'encoding') ?? 'text/plain'))).data;
  } catch {
    // Not YAML, or the facts are no JSON: cloud-init would stop there, and the machine never becomes a node.
    return undefined;
  }
}

/** The encodings of cloud-init's write_files. */
function decoded(content: string, encoding: string): string {
  switch (encoding) {
    case 'b64':
    case 'base64':
      return Buffer.from(content, 'base64').toString('utf8');
    case 'gz+b64':
    case 'gzip+base64':
    case 'gz+base64':
    case 'gzip+b64':
      return gunzipSync(Buffer.from(content, 'base64')).toString('utf8');
    default:
      return content;
  }
}
