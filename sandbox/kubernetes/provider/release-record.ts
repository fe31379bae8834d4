import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { stringAt, type KubeObject } from '../json.js';
import { ApiError, isNotFound, type ApiClient } from './api-client.js';

/** https://pkg.go.dev/helm.sh/helm/v3/pkg/release#Status */
const stateSchema = z.enum(['unknown', 'deployed', 'uninstalled', 'superseded', 'failed', 'uninstalling', 'pending-install', 'pending-upgrade', 'pending-rollback']);

/** States of a revision that Helm writes. */
export type ReleaseState = z.infer<typeof stateSchema>;

const recordSchema = z.object({
  name: z.string(),
  namespace: z.string(),
  version: z.int(),
  info: z.object({ first_deployed: z.string(), last_deployed: z.string(), deleted: z.string().default(''), description: z.string().default(''), status: stateSchema }),
  chart: z.object({ metadata: z.looseObject({ name: z.string(), version: z.string() }) }),
  /** Helm leaves out what is empty. */
  config: z.record(z.string(), z.unknown()).nullish().transform((values) => values ?? {}),
  manifest: z.string().default(''),
});

/** One revision of a release, as Helm keeps it in a Secret. */
export type ReleaseRecord = z.infer<typeof recordSchema>;

const manager = 'helm';
const kind = { apiVersion: 'v1', kind: 'Secret' };

/** Name of the Secret that holds a revision. */
export function recordName(release: string, revision: number): string {
  return `sh.helm.release.v1.${release}.v${revision}`;
}

/** The Secret of a revision: JSON, gzipped, base64, and base64 once more as Secrets are. */
export function toSecret(record: ReleaseRecord): KubeObject {
  const release = gzipSync(JSON.stringify(record)).toString('base64');
  return {
    ...kind,
    metadata: {
      name: recordName(record.name, record.version), namespace: record.namespace,
      labels: { owner: 'helm', name: record.name, status: record.info.status, version: String(record.version), modifiedAt: String(Math.floor(Date.parse(record.info.last_deployed) / 1000)) },
    },
    type: 'helm.sh/release.v1',
    data: { release: Buffer.from(release).toString('base64') },
  };
}

/** Reads a revision back. @throws Error for a Secret that is none. */
export function fromSecret(secret: KubeObject): ReleaseRecord {
  const outer = Buffer.from(stringAt(secret, 'data', 'release') ?? '', 'base64').toString();
  return recordSchema.parse(JSON.parse(gunzipSync(Buffer.from(outer, 'base64')).toString()));
}

/** All revisions of a release, oldest first. */
export async function revisions(client: ApiClient, namespace: string, release: string, signal?: AbortSignal): Promise<ReleaseRecord[]> {
  const path = await client.pathOf(kind, namespace);
  const list = await client.call('GET', `${path}?labelSelector=${encodeURIComponent(`owner=helm,name=${release}`)}`, undefined, undefined, signal);
  const { items } = z.object({ items: z.array(z.looseObject({ metadata: z.looseObject({ name: z.string() }) })) }).parse(list);
  // Items of a list carry neither apiVersion nor kind on a real API server.
  return items.map((item) => fromSecret({ ...item, ...kind })).sort((a, b) => a.version - b.version);
}

/** Writes a revision. The API server's message may quote the record, so it is not passed on. */
export async function writeRecord(client: ApiClient, record: ReleaseRecord): Promise<void> {
  try {
    await client.apply(toSecret(record), manager, true);
  } catch (error) {
    if (!(error instanceof ApiError) || isNotFound(error) || error.code === 403) throw error;
    throw new ApiError(error.code, error.reason, `the release record ${recordName(record.name, record.version)} could not be written (${error.reason})`);
  }
}

/** Deletes a revision if it is there. */
export async function deleteRecord(client: ApiClient, record: Pick<ReleaseRecord, 'name' | 'namespace' | 'version'>): Promise<void> {
  await client.remove({ ...kind, metadata: { name: recordName(record.name, record.version), namespace: record.namespace } });
}
