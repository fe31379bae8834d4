import { z } from 'zod';

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

/** What a job of kind `drill` comes to. */
export const drillReportSchema = z.strictObject({
  kind: z.literal('drill'),
  /** When it began. */
  at: time,
  /** Id and time of the backup that was tried; null where there is none. */
  backup: z.strictObject({ id: z.string(), at: time }).nullable(),
  /** The control plane that it was tried on; null where it came to none. */
  node: z.string().nullable(),
  /** Recovery point: how old the backup was when the drill began. */
  rpoSeconds: z.int().nullable(),
  /** Recovery time: from then until all that was looked at was as it should be; null where something was not. */
  rtoSeconds: z.int().nullable(),
  targets: z.strictObject({ rpoSeconds: z.int(), rtoSeconds: z.int() }),
  finding: drillFindingSchema.nullable(),
  /** What is wrong, in words; empty where the drill has passed. */
  faults: z.array(z.string()),
});
export type DrillReport = z.infer<typeof drillReportSchema>;

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

/** What a drill has missed of its targets, in words with numbers. Pure. */
export function targetsMissed({ rpoSeconds, rtoSeconds, targets }: Pick<DrillReport, 'rpoSeconds' | 'rtoSeconds' | 'targets'>): string[] {
  const missed: string[] = [];
  if (rpoSeconds !== null && rpoSeconds > targets.rpoSeconds) missed.push(`The backup was ${rpoSeconds} s old, and may be ${targets.rpoSeconds} s old (RPO).`);
  if (rtoSeconds !== null && rtoSeconds > targets.rtoSeconds) missed.push(`It took ${rtoSeconds} s, and may take ${targets.rtoSeconds} s (RTO).`);
  return missed;
}
