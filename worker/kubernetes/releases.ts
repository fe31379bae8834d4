import { gunzipSync } from 'node:zlib';
import { satisfies, validRange } from 'semver';
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
  /** Which versions of Kubernetes the chart is for, in Helm's words; absent where it does not say. */
  readonly kubernetes?: string;
}

const recordSchema = z.object({ chart: z.object({ metadata: z.object({ version: z.string(), kubeVersion: z.string().optional() }) }) });

/** The newest revision of each release, by name. */
export function currentReleases(secrets: readonly ReleaseSecret[]): HelmRelease[] {
  const newest = new Map<string, ReleaseSecret>();
  for (const secret of secrets) {
    const id = `${secret.metadata.namespace}/${secret.metadata.labels.name}`;
    const known = newest.get(id);
    if (known === undefined || Number(secret.metadata.labels.version) > Number(known.metadata.labels.version)) newest.set(id, secret);
  }
  return [...newest.values()]
    .map(({ metadata: { namespace, labels }, data }) => ({ name: labels.name, namespace, revision: Number(labels.version), status: labels.status, ...chartOf(data?.release) }))
    .sort((one, other) => one.name.localeCompare(other.name));
}

/** Helm's record is JSON, gzipped and in base64; the Secret adds its own base64. Only what the chart says of itself is taken out of it. */
function chartOf(data: string | undefined): Pick<HelmRelease, 'chartVersion' | 'kubernetes'> {
  try {
    const packed = Buffer.from(Buffer.from(data ?? '', 'base64').toString('latin1'), 'base64');
    const { version, kubeVersion } = recordSchema.parse(JSON.parse(gunzipSync(packed).toString('utf8'))).chart.metadata;
    return { chartVersion: version, ...(kubeVersion === undefined || kubeVersion === '' ? {} : { kubernetes: kubeVersion }) };
  } catch {
    return { chartVersion: 'unknown' };
  }
}

/** Whether a chart is for a release of Kubernetes, such as `1.35.4`, as Helm judges it; undefined where what it says cannot be read. Helm's ranges have commas where npm's have spaces: https://github.com/Masterminds/semver */
export function isFor(range: string, release: string): boolean | undefined {
  const plain = range.replaceAll(',', ' ').replaceAll('=>', '>=').replaceAll('=<', '<=');
  return validRange(plain) === null ? undefined : satisfies(release, plain, { includePrerelease: true });
}
