import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Parser } from 'tar';
import { z } from 'zod';
import { ClusterwrightError, isClusterwrightError } from '../../../model/errors.js';
import { veleroFolders } from '../../../model/objects-backup.js';
import { isReservedNamespace } from '../../../model/platform.js';
import { managedLabels } from '../../../programs/platform/names.js';
import type { PrivateStore } from '../../cloud/private-store.js';
import { broughtBack } from './at-rest.js';

/** An object as far as copies of it are compared. */
export const comparedSchema = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string(), labels: z.record(z.string(), z.string()).optional() }),
  type: z.unknown().optional(),
  data: z.record(z.string(), z.string()).nullish(),
  binaryData: z.record(z.string(), z.string()).nullish(),
});
type Compared = z.infer<typeof comparedSchema>;

/** What a backup has of teams' objects. */
export interface SavedObjects {
  /** Those that a drill brings back, by `objectKey`, with a digest of what they hold; undefined of kinds that are compared by their names alone. */
  readonly expected: ReadonlyMap<string, string | undefined>;
  /** How many it leaves out, by their resource. */
  readonly leftOut: Readonly<Record<string, number>>;
}

/** Velero writes each object twice, the second time under its version. https://velero.io/docs/v1.18/output-file-format/ */
const itemPath = /^resources\/([^/]+)\/namespaces\/([^/]+)\/[^/]+\.json$/;
/** What Kubernetes makes out of something else, and what its controllers take notes in. */
const derived = ['events', 'events.events.k8s.io', 'endpoints', 'endpointslices.discovery.k8s.io', 'controllerrevisions.apps', 'replicasets.apps', 'leases.coordination.k8s.io'];
/** ConfigMaps with authorities, of which each cluster has its own. */
const ownToCluster = ['kube-root-ca.crt', 'istio-ca-root-cert'];

/** What an object is known by, in its own cluster and in a copy of it. */
export function objectKey(resource: string, { metadata: { namespace, name } }: Compared): string {
  return `${resource} ${namespace} ${name}`;
}

/** A digest of what a ConfigMap or Secret holds; undefined for other kinds. */
export function digestOf(resource: string, { data, binaryData }: Compared): string | undefined {
  if (resource !== 'configmaps' && resource !== 'secrets') return undefined;
  const sorted = (held: Compared['data']): [string, string][] => Object.entries(held ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify([sorted(data), sorted(binaryData)])).digest('hex');
}

/** Reads through a backup of Velero's, object by object. Throws `backup-unusable` where it is not there, or not whole. */
export async function savedObjects(store: PrivateStore, backup: string): Promise<SavedObjects> {
  const unusable = (detail: string, cause?: unknown): ClusterwrightError => new ClusterwrightError('backup-unusable', `The objects of the backup ${backup} ${detail}.`, { resource: backup, cause });
  const archive = await store.open(`${veleroFolders.backups}${backup}/${backup}.tar.gz`);
  if (archive === undefined) throw unusable('are not in the private store');
  const expected = new Map<string, string | undefined>();
  const leftOut: Record<string, number> = {};
  const take = (resource: string, object: Compared): void => {
    if (isManaged(object) || derived.includes(resource)) return;
    if (broughtBack[resource] === undefined) leftOut[resource] = (leftOut[resource] ?? 0) + 1;
    else if (!isMadeAnew(resource, object)) expected.set(objectKey(resource, object), digestOf(resource, object));
  };
  let damage: unknown;
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      const [, resource = '', namespace = ''] = itemPath.exec(entry.path) ?? [];
      if (resource === '' || isReservedNamespace(namespace)) {
        entry.resume();
        return;
      }
      const chunks: Buffer[] = [];
      entry.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
        try {
          take(resource, comparedSchema.parse(JSON.parse(Buffer.concat(chunks).toString('utf8'))));
        } catch (error) {
          damage ??= error;
        }
      });
    },
  });
  parser.on('error', (error: unknown) => {
    damage ??= error;
  });
  try {
    await pipeline(archive.stream, createGunzip(), async (content: AsyncIterable<Buffer>) => {
      for await (const chunk of content) parser.write(chunk);
    });
    parser.end();
  } catch (error) {
    if (isClusterwrightError(error)) throw error;
    damage ??= error;
  }
  if (damage !== undefined) throw unusable('cannot be read', damage);
  return { expected, leftOut };
}

/** The namespaces of what a drill brings back. */
export function namespacesOf({ expected }: SavedObjects): string[] {
  return [...new Set([...expected.keys()].map((key) => key.split(' ')[1] ?? ''))].sort();
}

/** Whether the platform declares it, as the cluster's own spec has it. */
function isManaged({ metadata: { labels = {} } }: Compared): boolean {
  return Object.entries(managedLabels).every(([key, value]) => labels[key] === value);
}

function isMadeAnew(resource: string, { metadata: { name }, type }: Compared): boolean {
  return (resource === 'configmaps' && ownToCluster.includes(name)) || (resource === 'secrets' && type === 'kubernetes.io/service-account-token');
}
