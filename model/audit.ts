import { z } from 'zod';
import { accessChangeSchema } from './job-request.js';

/** How a request ended: it was answered, it was not allowed, or it could not be done. */
export const auditOutcomes = ['done', 'refused', 'failed'] as const;

/** One request of the audit trail: who asked what, when, from where, and what came of it. No header, query or body is in it, since those can hold secrets; of a body only a grant of access, each part of which was checked. */
export const auditRecordSchema = z.strictObject({
  at: z.iso.datetime(),
  caller: z.strictObject({ kind: z.enum(['person', 'application', 'anonymous']), id: z.string(), name: z.string() }).nullable().describe('Null where nobody had signed in'),
  operation: z.string().describe('The `operationId` of the API\'s document'),
  method: z.string(),
  path: z.string(),
  cluster: z.string().nullable(),
  owner: z.string().nullable().describe('Owner of the cluster at that time'),
  job: z.string().nullable().describe('The job that the request was about, or made'),
  access: accessChangeSchema.optional().describe('Temporary access that was granted or taken away: to whom, until when and why'),
  outcome: z.enum(auditOutcomes).describe('`refused`: the caller may not do this, or not even see it'),
  status: z.int(),
  code: z.string().nullable().describe('Code of the problem, where one was answered'),
  address: z.string().describe('Where the request came from'),
  userAgent: z.string().nullable(),
  requestId: z.string(),
});
export type AuditRecord = z.infer<typeof auditRecordSchema>;

/** A record with its place in the trail; ids sort in the order of time. */
export const auditEntrySchema = z.strictObject({ id: z.string(), ...auditRecordSchema.shape });
export type AuditEntry = z.infer<typeof auditEntrySchema>;
