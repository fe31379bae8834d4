import { z } from 'zod';

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
  at: z.iso.datetime(),
  findings: z.array(driftFindingSchema),
  unchecked: z.array(z.strictObject({ layer: z.enum(driftLayers), resource: z.string(), reason: z.string() })),
});
export type DriftReport = z.infer<typeof driftReportSchema>;

/** A finding with its id. */
export function driftFinding(finding: Omit<DriftFinding, 'id'>): DriftFinding {
  return { id: [finding.layer, finding.resource, finding.property ?? ''].join('#'), ...finding };
}
