import { gunzipSync } from 'node:zlib';
import { z } from 'zod';

/** A list of the Secrets in which Helm keeps its releases. */
export const releaseListSchema = z.object({
  metadata: z.object({ continue: z.string().optional() }).optional(),
  items: z.array(z.object({
    metadata: z.object({ namespace: z.string(), labels: z.object({ name: z.string(), status: z.string(), version: z.string() }) }),
    data: z.object({ release: z.string() }).optional(),
  })),
});
type ReleaseSecret = z.infer<typeof releaseListSchema>['items'][number];

/** A release's newest revision. */
export interface HelmRelease {
  readonly name: string;
  readonly namespace: string;
  /** Number of the revision, from 1. */
  readonly revision: number;
  /** Helm's word: `deployed`, `failed`, `pending-install`, … */
  readonly status: string;
  /** Version of the chart; "unknown" where the record cannot be read. */
  readonly chartVersion: string;
}

const recordSchema = z.object({ chart: z.object({ metadata: z.object({ version: z.string() }) }) });

/** The newest revision of each release, by name. */
export function currentReleases(secrets: readonly ReleaseSecret[]): HelmRelease[] {
  const newest = new Map<string, ReleaseSecret>();
  for (const secret of secrets) {
    const id = `${secret.metadata.namespace}/${secret.metadata.labels.name}`;
    const known = newest.get(id);
    if (known === undefined || Number(secret.metadata.labels.version) > Number(known.metadata.labels.version)) newest.set(id, secret);
  }
  return [...newest.values()]
    .map(({ metadata: { namespace, labels }, data }) => ({ name: labels.name, namespace, revision: Number(labels.version), status: labels.status, chartVersion: chartVersion(data?.release) }))
    .sort((one, other) => one.name.localeCompare(other.name));
}

/** Helm's record is JSON, gzipped and in base64; the Secret adds its own base64. Only the chart's version is taken out of it. */
function chartVersion(data: string | undefined): string {
  try {
    const packed = Buffer.from(Buffer.from(data ?? '', 'base64').toString('latin1'), 'base64');
    return recordSchema.parse(JSON.parse(gunzipSync(packed).toString('utf8'))).chart.metadata.version;
  } catch {
    return 'unknown';
  }
}
