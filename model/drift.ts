import { z } from 'zod';
import { cronSchema, timeZoneSchema } from './calendar.js';
import type { Fault } from './errors.js';

const time = z.iso.datetime();

/** When a cluster is looked through for drift by itself. */
export const driftChecksSchema = z.strictObject({
  schedule: cronSchema.describe('When it is looked through, e.g. "30 5 * * *"'),
  timeZone: timeZoneSchema.default('UTC').describe('Where these times count, e.g. Europe/Berlin'),
});

/** Where a cluster can be other than it should be: in its cloud, on its control planes, and in what the platform's program put into Kubernetes. */
export const driftLayers = ['cloud', 'nodes', 'add-ons'] as const;
export type DriftLayer = (typeof driftLayers)[number];

/** One thing that is other than it should be. No value that could be a secret is in it. */
export const driftFindingSchema = z.strictObject({
  /** The same for the same thing in every report: layer, resource and property. */
  id: z.string(),
  layer: z.enum(driftLayers),
  /** Type and name as the program has them, or the cloud's own id of what no program made. */
  resource: z.string(),
  /** Null where the whole resource is missing, or should not be there. */
  property: z.string().nullable(),
  expected: z.string(),
  seen: z.string(),
  /** What puts it right. */
  repair: z.string(),
});
export type DriftFinding = z.infer<typeof driftFindingSchema>;

/** What a job of kind `drift` found. What could not be looked at is no finding, and nothing to rely on either. */
export const driftReportSchema = z.strictObject({
  kind: z.literal('drift'),
  at: time,
  findings: z.array(driftFindingSchema),
  unchecked: z.array(z.strictObject({ layer: z.enum(driftLayers), resource: z.string(), reason: z.string() })),
});
export type DriftReport = z.infer<typeof driftReportSchema>;

/** A finding with its id. */
export function driftFinding(finding: Omit<DriftFinding, 'id'>): DriftFinding {
  return { id: [finding.layer, finding.resource, finding.property ?? ''].join('#'), ...finding };
}

/** The longest that a finding may be left aside, in milliseconds: nothing is to be forgotten for good. */
const longestMs = 366 * 24 * 3_600_000;

/** What somebody leaves aside until a time. It is still found, and a repair still puts it right. */
export const ignoredFindingSchema = z.strictObject({
  finding: z.string().min(1).max(2_000).describe('Id of the finding'),
  until: time.describe('At most a year from now'),
  reason: z.string().min(1).max(500),
  by: z.string().describe('Who left it aside'),
});
export type IgnoredFinding = z.infer<typeof ignoredFindingSchema>;

/** What is asked for to leave a finding aside. */
export const ignoreRequestSchema = ignoredFindingSchema.omit({ by: true });

/** What keeps a finding of the last report from being left aside, with pointers into the request. Pure. */
export function ignoreFaults({ finding, until }: z.infer<typeof ignoreRequestSchema>, report: DriftReport | undefined, now: Date): Fault[] {
  const left = Date.parse(until) - now.getTime();
  return [
    ...(report?.findings.some(({ id }) => id === finding) === true ? [] : [{ pointer: '/finding', detail: 'is not in the last report' }]),
    ...(left > 0 && left <= longestMs ? [] : [{ pointer: '/until', detail: 'must be a time within a year from now' }]),
  ];
}

/** Those that are left aside at a time. Pure. */
export function ignoredAt(ignored: readonly IgnoredFinding[], now: Date): IgnoredFinding[] {
  return ignored.filter(({ until }) => Date.parse(until) > now.getTime());
}

/** What of a report nobody has left aside. Pure. */
export function openFindings({ findings }: DriftReport, ignored: readonly IgnoredFinding[], now: Date): DriftFinding[] {
  const aside = new Set(ignoredAt(ignored, now).map(({ finding }) => finding));
  return findings.filter(({ id }) => !aside.has(id));
}
