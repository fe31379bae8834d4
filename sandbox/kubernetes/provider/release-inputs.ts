import { parse } from 'yaml';
import { z } from 'zod';
import { hasUnknown, UNKNOWN, type CheckFailure, type PropertyMap } from '../../protocol/index.js';
import { isRecord, type JsonRecord } from '../json.js';

/** Type token of a Helm release. */
export const releaseType = 'kubernetes:helm.sh/v3:Release';

const exactVersion = /^v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;

const inputsSchema = z.looseObject({
  name: z.string(),
  namespace: z.string(),
  chart: z.string(),
  version: z.string(),
  repositoryOpts: z.object({ repo: z.string().optional() }).default({}),
  values: z.record(z.string(), z.unknown()).default({}),
  valueYamlFiles: z.array(z.string()).default([]),
  createNamespace: z.boolean().default(false),
  skipAwait: z.boolean().default(false),
  atomic: z.boolean().default(false),
  cleanupOnFail: z.boolean().default(false),
  description: z.string().optional(),
  /** Seconds. */
  timeout: z.number().default(300),
  maxHistory: z.number().default(10),
});

/** `namespace/name`: the id that pulumi-kubernetes gives. */
export function idOf(release: Pick<ReleaseInputs, 'namespace' | 'name'>): string {
  return `${release.namespace}/${release.name}`;
}

/** Checked inputs of a release, defaults filled in. */
export type ReleaseInputs = z.infer<typeof inputsSchema>;

/** Reads complete inputs. @throws Error where something is missing or still unknown. */
export function readRelease(inputs: PropertyMap): ReleaseInputs {
  if (hasUnknown(inputs)) throw new Error('the inputs of the release are not complete');
  return inputsSchema.parse(inputs);
}

/** Fills in the namespace. */
export function completeRelease(news: PropertyMap, defaultNamespace: string): PropertyMap {
  return { ...news, namespace: news['namespace'] ?? defaultNamespace };
}

/** The faults of a release that can be seen without the cluster. */
export function releaseFailures(inputs: PropertyMap): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const { name, chart, version } = inputs;
  if (name === undefined) failures.push({ property: 'name', reason: 'a name is required: names are never generated here, so that a lost answer can be looked up' });
  else if (typeof name === 'string' && !/^[a-z0-9]([-a-z0-9]{0,51}[a-z0-9])?$/.test(name)) failures.push({ property: 'name', reason: 'a release name has at most 53 characters: lower case letters, digits and hyphens' });
  if (chart === undefined || chart === '') failures.push({ property: 'chart', reason: 'a chart is required' });
  if (version === undefined) failures.push({ property: 'version', reason: 'a version is required: charts are pinned' });
  else if (version !== UNKNOWN && !(typeof version === 'string' && exactVersion.test(version))) failures.push({ property: 'version', reason: 'the version must be exact, such as 1.2.3: ranges are not pinned' });
  return failures;
}

/** All values of a release: its values files in order, its values on top. @throws Error for a values file that is no YAML map. */
export function mergedValues(release: Pick<ReleaseInputs, 'values' | 'valueYamlFiles'>): JsonRecord {
  const files = release.valueYamlFiles.map((text): JsonRecord => {
    const value: unknown = parse(text);
    if (value === null) return {};
    if (!isRecord(value)) throw new Error('a values file is not a YAML map');
    return value;
  });
  return [...files, release.values].reduce<JsonRecord>(merge, {});
}

function merge(base: JsonRecord, over: JsonRecord): JsonRecord {
  const merged = { ...base };
  for (const [name, value] of Object.entries(over)) {
    const below = merged[name];
    merged[name] = isRecord(below) && isRecord(value) ? merge(below, value) : value;
  }
  return merged;
}

/** The chart's own name: the last part of a path, URL or OCI reference. */
export function chartName(chart: string): string {
  return (chart.split('/').at(-1) ?? chart).replace(/-\d+\.\d+\.\d+.*\.tgz$/, '').replace(/\.tgz$/, '');
}
