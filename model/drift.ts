import { z } from 'zod';
import { cronSchema, timeZoneSchema } from './calendar.js';
import { checkDocument, faulty, validParts } from './faults.js';
import type { Json } from './merge-patch.js';

const time = z.iso.datetime();

/** What of a finding stays as it is: for as long as just that is seen. */
const acceptedFindingSchema = z.strictObject({
  seen: z.string().min(1).max(2_000).describe('What was accepted, in the words of the finding'),
  reason: z.string().min(1).max(500),
});
/** What is accepted, by the ids of the findings. */
export type AcceptedFindings = Readonly<Record<string, z.infer<typeof acceptedFindingSchema>>>;

const mostAccepted = 100;

/** When a cluster is looked through for drift by itself, and what of it is meant. */
export const driftSettingsSchema = z.strictObject({
  schedule: cronSchema.optional().describe('When it is looked through, e.g. "30 5 * * *"; without it never by itself'),
  timeZone: timeZoneSchema.default('UTC').describe('Where these times count, e.g. Europe/Berlin'),
  accepted: z.record(z.string().max(2_000).regex(/^(cloud|nodes)#/, 'must be the id of a finding of the layer cloud or nodes'), acceptedFindingSchema)
    .refine((accepted) => Object.keys(accepted).length <= mostAccepted, `must have at most ${mostAccepted} entries`)
    .optional().describe('Findings that are meant, by their ids: no drift while just that is seen, and left by repairs and updates'),
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
  /** Whether the spec can accept it: where all that is seen is told, and is a change rather than a resource that is missing. */
  acceptable: z.boolean().default(false),
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
export function driftFinding(finding: Omit<z.input<typeof driftFindingSchema>, 'id'>): DriftFinding {
  return { id: [finding.layer, finding.resource, finding.property ?? ''].join('#'), acceptable: false, ...finding };
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

/** What a body asks to leave aside of the last report. Throws `invalid-body` with every fault. Pure. */
export function ignoredFrom(body: Json, report: DriftReport | undefined, now: Date): z.infer<typeof ignoreRequestSchema> {
  const { data, faults = [] } = checkDocument(ignoreRequestSchema, body);
  const { finding, until } = data ?? validParts(ignoreRequestSchema, body);
  const left = until === undefined ? undefined : Date.parse(until) - now.getTime();
  const all = [
    ...faults,
    ...(finding === undefined || report?.findings.some(({ id }) => id === finding) === true ? [] : [{ pointer: '/finding', detail: 'is not in the last report' }]),
    ...(left === undefined || (left > 0 && left <= longestMs) ? [] : [{ pointer: '/until', detail: 'must be a time within a year from now' }]),
  ];
  if (data === undefined || all.length > 0) throw faulty('invalid-body', all);
  return data;
}

/** Those that are left aside at a time. Pure. */
export function ignoredAt(ignored: readonly IgnoredFinding[], now: Date): IgnoredFinding[] {
  return ignored.filter(({ until }) => Date.parse(until) > now.getTime());
}

/** Whether a finding is what the spec accepts. Pure. */
export function isAccepted({ id, seen, acceptable }: DriftFinding, accepted: AcceptedFindings = {}): boolean {
  return acceptable && accepted[id]?.seen === seen;
}

/** A finding with what puts it right where something else was accepted in its place: programs have no say in it. Pure. */
export function withRepair(finding: DriftFinding, accepted: AcceptedFindings = {}): DriftFinding {
  const stands = accepted[finding.id] !== undefined && !isAccepted(finding, accepted);
  return stands ? { ...finding, repair: `take it out of drift.accepted, then ${finding.repair}` } : finding;
}

/** Properties that are accepted as they are, by type and name of their resource in the program (`TYPE::NAME`). Pure. */
export function acceptedProperties(accepted: AcceptedFindings = {}): ReadonlyMap<string, readonly string[]> {
  const properties = new Map<string, string[]>();
  for (const id of Object.keys(accepted)) {
    const [layer, resource = '', property = ''] = id.split('#');
    if (layer === 'cloud' && property !== '') properties.set(resource, [...(properties.get(resource) ?? []), property]);
  }
  return properties;
}

/** What of a report nobody has accepted or left aside. Pure. */
export function openFindings({ findings }: DriftReport, accepted: AcceptedFindings | undefined, ignored: readonly IgnoredFinding[], now: Date): DriftFinding[] {
  const aside = new Set(ignoredAt(ignored, now).map(({ finding }) => finding));
  return findings.filter((finding) => !aside.has(finding.id) && !isAccepted(finding, accepted));
}
