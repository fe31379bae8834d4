import { gunzipSync, gzipSync } from 'node:zlib';
import { Header, Parser, Pax } from 'tar';
import { isRecord, type JsonRecord, type KubeObject } from '../../json.js';

/** An object of a backup, with its resource as archives name it: `deployments.apps`, `secrets`. */
export interface SavedObject {
  readonly resource: string;
  readonly object: KubeObject;
}

/** The format of Velero's archives. https://github.com/vmware-tanzu/velero/blob/v1.18.3/pkg/backup/backup.go */
export const formatVersion = '1.1.0';

const blockBytes = 512;
const itemPath = /^resources\/([^/]+)\/(?:namespaces\/[^/]+|cluster)\/[^/]+\.json$/;

/** A backup's contents as Velero writes them: each object twice, the second time under the version that the API server prefers. */
export function packArchive(objects: readonly SavedObject[], modified: Date): Buffer {
  const files = objects.flatMap(({ resource, object }): [string, string][] => {
    const { name, namespace } = object.metadata;
    const place = `${namespace === undefined ? 'cluster' : `namespaces/${namespace}`}/${name}.json`;
    const content = JSON.stringify(object);
    return [[`resources/${resource}/${place}`, content], [`resources/${resource}/${object.apiVersion.split('/').at(-1) ?? ''}-preferredversion/${place}`, content]];
  });
  const entries = [['metadata/version', `${formatVersion}\n`] as const, ...files].map(([path, content]) => entry(path, Buffer.from(content), modified));
  return gzipSync(Buffer.concat([...entries, Buffer.alloc(2 * blockBytes)]));
}

/** The objects of a backup's contents. @throws Error where it is no such archive */
export function unpackArchive(archive: Buffer): SavedObject[] {
  const objects: SavedObject[] = [];
  const parser = new Parser({
    strict: true,
    onReadEntry: (file) => {
      const chunks: Buffer[] = [];
      file.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
        const resource = itemPath.exec(file.path)?.[1];
        if (resource !== undefined) objects.push({ resource, object: objectOf(JSON.parse(Buffer.concat(chunks).toString('utf8'))) });
      });
    },
  });
  // Given the whole at once, it is through with it when this returns, or has thrown.
  parser.end(gunzipSync(archive));
  return objects;
}

function entry(path: string, content: Buffer, mtime: Date): Buffer {
  const block = Buffer.alloc(blockBytes);
  const isLong = new Header({ path, size: content.length, type: 'File', mode: 0o755, mtime }).encode(block);
  return Buffer.concat([isLong ? new Pax({ path, mtime }).encode() : Buffer.alloc(0), block, content, Buffer.alloc((blockBytes - (content.length % blockBytes)) % blockBytes)]);
}

/** @throws Error for what is no object of Kubernetes */
export function objectOf(value: unknown): KubeObject {
  const { apiVersion, kind, metadata } = isRecord(value) ? value : ({} as JsonRecord);
  if (!isRecord(value) || typeof apiVersion !== 'string' || typeof kind !== 'string' || !isRecord(metadata) || typeof metadata['name'] !== 'string') throw new Error('this is no object of Kubernetes');
  return { ...value, apiVersion, kind, metadata: { ...metadata, name: metadata['name'] } };
}
