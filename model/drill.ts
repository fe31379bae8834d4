import { z } from 'zod';
import { ClusterwrightError } from './errors.js';
import { drillContents } from './job-request.js';

const time = z.iso.datetime();

/** What became of the canary: the word that was planted just before a backup was made. `other`: it is another word; `missing`: nobody finds it; `unknown`: none was planted. */
export const canaryStates = ['whole', 'other', 'missing', 'unknown'] as const;

/** What the order `restore-drill` answers: what a control plane has found in a backup that it brought back beside the cluster, against what the backup's description says. */
export const drillFindingSchema = z.strictObject({
  /** How long each step took on the control plane: fetching the backup and making data of it, starting etcd and the API server, and looking through what they have. */
  seconds: z.strictObject({ restore: z.number(), etcd: z.number(), apiServer: z.number(), checks: z.number() }),
  /** How many objects etcd held when it was saved, and holds now; null where the description does not tell. */
  objects: z.strictObject({ expected: z.int().nullable(), found: z.int() }),
  /** How many Secrets etcd holds, and how many the API server has read and so decrypted; null where it refused to, with its words. */
  secrets: z.strictObject({ expected: z.int(), found: z.int().nullable(), refusal: z.string().nullable() }),
  canary: z.enum(canaryStates),
});
export type DrillFinding = z.infer<typeof drillFindingSchema>;

/** How many things of a kind and namespace there should be, and how many there are. */
const countedSchema = z.strictObject({ resource: z.string(), namespace: z.string(), expected: z.int(), found: z.int() });

/** What was found in a cluster that a backup of objects was restored into. */
export const comparisonSchema = z.strictObject({
  /** Objects that the backup has of what a drill brings back, and how many of them are there. */
  objects: z.strictObject({ expected: z.int(), found: z.int() }),
  /** Kinds and namespaces of which some are not there. */
  missing: z.array(countedSchema),
  /** Kinds and namespaces of which some hold something else than in the backup: of ConfigMaps and Secrets. `found` holds the same. */
  different: z.array(countedSchema),
  /** What Velero says of its restore; null where it has not told. */
  velero: z.strictObject({ warnings: z.int(), errors: z.int() }).nullable(),
  /** Objects of teams that the backup has and a drill leaves out, by their resource. */
  leftOut: z.record(z.string(), z.int()),
});
export type Comparison = z.infer<typeof comparisonSchema>;

/** What a job of kind `drill` or `cluster-drill` comes to. */
export const drillReportSchema = z.strictObject({
  kind: z.literal('drill'),
  of: z.enum(drillContents).default('etcd').describe('`etcd`: a snapshot, beside the cluster; `cluster`: a backup of objects, in a cluster that was made for it'),
  /** When it began. */
  at: time,
  /** Id and time of the backup that was tried; null where there is none. */
  backup: z.strictObject({ id: z.string(), at: time }).nullable(),
  /** Of etcd: the control plane that it was tried on; null where it came to none. */
  node: z.string().nullable(),
  cluster: z.string().nullable().default(null).describe('Of a cluster: the one that was made for it and is deleted again'),
  /** Recovery point: how old the backup was when the drill began. */
  rpoSeconds: z.int().nullable(),
  /** Recovery time: from then until all that was looked at was as it should be; null where something was not. */
  rtoSeconds: z.int().nullable(),
  targets: z.strictObject({ rpoSeconds: z.int(), rtoSeconds: z.int() }),
  /** Of etcd. */
  finding: drillFindingSchema.nullable(),
  comparison: comparisonSchema.nullable().default(null).describe('Of a cluster: what came back, against what the backup has; null where it did not come so far'),
  /** What is wrong, in words; empty where the drill has passed. */
  faults: z.array(z.string()),
});
export type DrillReport = z.infer<typeof drillReportSchema>;

const named = 5;

/** What is wrong with what came back of a backup of objects, in words. Pure. */
export function faultsCompared({ objects, missing, different }: Comparison): string[] {
  const listed = (counted: Comparison['missing'], words: (one: Comparison['missing'][number]) => string): string => counted.slice(0, named).map(words).join(', ') + (counted.length > named ? `, and ${counted.length - named} more` : '');
  return [
    ...(objects.expected === 0 ? ['The backup has no objects of teams that a drill brings back.'] : []),
    ...(missing.length === 0 ? [] : [`Not all has come back: ${listed(missing, ({ resource, namespace, expected, found }) => `${found} of ${expected} ${resource} in ${namespace}`)}.`]),
    ...(different.length === 0 ? [] : [`Some hold something else than in the backup: ${listed(different, ({ resource, namespace, expected, found }) => `${expected - found} of ${expected} ${resource} in ${namespace}`)}.`]),
  ];
}

/** What is wrong with what a backup has, in words. Pure. */
export function faultsFound({ objects, secrets, canary }: DrillFinding): string[] {
  const faults: string[] = [];
  if (objects.expected === null) faults.push(`The backup does not say how many objects it has; ${objects.found} were found.`);
  else if (objects.expected !== objects.found) faults.push(`${objects.found} objects were found, and there were ${objects.expected} when it was made.`);
  if (secrets.found === null) faults.push(`Not every Secret can be read: ${secrets.refusal ?? 'no reason was given.'}`);
  else if (secrets.found !== secrets.expected) faults.push(`${secrets.found} Secrets can be read, and etcd holds ${secrets.expected}.`);
  if (canary !== 'whole') faults.push({ other: 'The canary is another than the one that was planted before the backup.', missing: 'The canary is missing.', unknown: 'The backup was made without a canary.' }[canary]);
  return faults;
}

/** What is measured of every drill. */
export interface DrillTimes {
  /** When it began. */
  readonly at: string;
  /** When what it tries was saved; null where there is nothing. */
  readonly savedAt: string | null;
  readonly targets: { readonly rpoMinutes: number; readonly rtoMinutes: number };
  /** What was found to be wrong by now. */
  readonly found: readonly string[];
  readonly now: Date;
}

/** How a drill stands by its targets, with all that is wrong. Pure. */
export function measuredDrill({ at, savedAt, targets: { rpoMinutes, rtoMinutes }, found, now }: DrillTimes): Pick<DrillReport, 'at' | 'rpoSeconds' | 'rtoSeconds' | 'targets' | 'faults'> {
  // The clocks of two machines are never quite the same.
  const seconds = (since: string, until: number): number => Math.max(0, Math.round((until - Date.parse(since)) / 1000));
  const measured = {
    at,
    rpoSeconds: savedAt === null ? null : seconds(savedAt, Date.parse(at)),
    rtoSeconds: found.length > 0 ? null : seconds(at, now.getTime()),
    targets: { rpoSeconds: rpoMinutes * 60, rtoSeconds: rtoMinutes * 60 },
  };
  return { ...measured, faults: [...found, ...targetsMissed(measured)] };
}

/** What a drill that has come to this ends with; undefined where it has passed. @param cluster whose job it is. Pure. */
export function drillFailure({ backup, faults }: DrillReport, cluster: string): ClusterwrightError | undefined {
  return faults.length === 0 ? undefined : new ClusterwrightError('drill-failed', `${backup?.id ?? 'A backup'}: ${faults.join(' ')}`, { resource: backup?.id ?? cluster });
}

/** What a drill has missed of its targets, in words with numbers. Pure. */
export function targetsMissed({ rpoSeconds, rtoSeconds, targets }: Pick<DrillReport, 'rpoSeconds' | 'rtoSeconds' | 'targets'>): string[] {
  const missed: string[] = [];
  if (rpoSeconds !== null && rpoSeconds > targets.rpoSeconds) missed.push(`The backup was ${rpoSeconds} s old, and may be ${targets.rpoSeconds} s old (RPO).`);
  if (rtoSeconds !== null && rtoSeconds > targets.rtoSeconds) missed.push(`It took ${rtoSeconds} s, and may take ${targets.rtoSeconds} s (RTO).`);
  return missed;
}
