import { z } from 'zod';
import { clusterRecordSchema, observationSchema, type ClusterRecord, type Observation } from '../model/cluster.js';
import { ClusterwrightError } from '../model/errors.js';
import { jobRecordSchema, type JobRecord } from '../model/job.js';

/**
 * Records are hashes with one JSON text per top-level field. Scripts can thus check and set single fields (state, activeJob, version)
 * without decoding and re-encoding records, which Lua's JSON cannot do faithfully.
 */
export type Fields = string[];

/** The fields of an object as a flat list of names and JSON texts; undefined ones are left out. */
export function toFields(values: Readonly<Record<string, unknown>>): Fields {
  return Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [name, JSON.stringify(value)]));
}

/** A cluster as it may be stored, its fields in their one order. What could not be read again is refused before it is written. */
export function checkedCluster(cluster: ClusterRecord): ClusterRecord {
  return parse(cluster, 'cluster to be stored', clusterRecordSchema);
}

/** A job as it may be stored. */
export function checkedJob(job: JobRecord): JobRecord {
  return parse(job, 'job to be stored', jobRecordSchema);
}

/** All fields of a new cluster. The version is the store's own; owner and provider stand apart for their indices. */
export function clusterFields(cluster: ClusterRecord): Fields {
  const { version: _, ...rest } = cluster;
  return toFields({ ...rest, ...indexed(cluster) });
}

/** What a job's worker may change of a cluster. */
export function changedClusterFields(cluster: ClusterRecord, updatedAt: string): Fields {
  const { state, spec, zones, connection, conditions } = checkedCluster(cluster);
  return toFields({ state, spec, zones, connection, conditions, updatedAt, ...indexed(cluster) });
}

/** Fields beside the record that the scripts keep the filters' indices by. */
export function indexed({ spec }: Pick<ClusterRecord, 'spec'>): { owner: string; provider: string } {
  return { owner: spec.owner, provider: spec.provider };
}

/** What a job's worker may change of a job. */
export function changedJobFields(job: JobRecord): Fields {
  const { state, phase, progress, phases, startedAt, endedAt, error, plan, receipt } = checkedJob(job);
  return toFields({ state, phase, progress, phases, startedAt, endedAt, error, plan, receipt });
}

const hashSchema = z.record(z.string(), z.string());
const flatSchema = z.array(z.string());

/** A hash as a script (flat list) or HGETALL (object) answers it; undefined when there is none. */
function hashOf(reply: unknown): Record<string, string> | undefined {
  if (!Array.isArray(reply)) {
    const hash = hashSchema.parse(reply);
    return Object.keys(hash).length === 0 ? undefined : hash;
  }
  const flat = flatSchema.parse(reply);
  if (flat.length === 0) return undefined;
  return Object.fromEntries(Array.from({ length: flat.length / 2 }, (_, index) => [flat[2 * index], flat[2 * index + 1]]));
}

function decode<Schema extends z.ZodType>(reply: unknown, what: string, schema: Schema, apart: readonly string[]): z.infer<Schema> | undefined {
  const hash = hashOf(reply);
  if (hash === undefined) return undefined;
  const record = Object.fromEntries(Object.entries(hash).filter(([name]) => !apart.includes(name)).map(([name, value]) => [name, parseJson(value, what)]));
  return parse(record, what, schema);
}

/** Parses what was read; what does not fit is a fault of the service or a foreign hand in Redis, and is named. */
export function parse<Schema extends z.ZodType>(value: unknown, what: string, schema: Schema): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map((issue) => issue.path.join('.') || '(all of it)').join(', ');
  throw new ClusterwrightError('internal-error', `A ${what} is not valid: ${places}.`, { cause: parsed.error });
}

/** Decodes a stored JSON text. */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ClusterwrightError('internal-error', `A ${what} is not JSON.`, { cause });
  }
}

/** A cluster out of its hash. */
export function clusterFrom(reply: unknown): ClusterRecord | undefined {
  return decode(reply, 'stored cluster', clusterRecordSchema, ['owner', 'provider']);
}

/** A job out of its hash. */
export function jobFrom(reply: unknown): JobRecord | undefined {
  return decode(reply, 'stored job', jobRecordSchema, ['endedBy']);
}

/** An observation out of its text. */
export function observationFrom(text: string | null): Observation | undefined {
  return text === null ? undefined : parse(parseJson(text, 'stored observation'), 'stored observation', observationSchema);
}
