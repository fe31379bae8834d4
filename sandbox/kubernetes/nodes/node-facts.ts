import { gunzipSync } from 'node:zlib';
import { parse } from 'yaml';
import { nodeFactsPath, nodeFactsSchema, type NodeFacts } from '../../../model/rendezvous.js';
import { isRecord, listAt, stringAt } from '../json.js';

/** The node facts in a machine's user data, or undefined where it is not one of our nodes. */
export function nodeFactsOf(bytes: Buffer | undefined): NodeFacts | undefined {
  const text = bytes === undefined ? undefined : unpacked(bytes);
  return cloudConfigs(text ?? '').map(factsIn).find((facts) => facts !== undefined);
}

/** The cloud-configs in user data: it is one, or a MIME message with some. https://docs.cloud-init.io/en/latest/explanation/format.html */
function cloudConfigs(text: string): string[] {
  if (text.startsWith('#cloud-config')) return [text];
  const boundary = /^Content-Type: multipart\/mixed; boundary="([^"]+)"$/m.exec(text)?.[1];
  if (boundary === undefined) return [];
  return text.split(`--${boundary}`).slice(1, -1).map((part) => part.slice(part.indexOf('\n\n') + 2)).filter((content) => content.startsWith('#cloud-config'));
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
