import { z } from 'zod';
import { accountSchema } from '../../model/accounts.js';
import { clusterRecordSchema, connectionSchema, observationSchema } from '../../model/cluster.js';
import { jobEventBodySchema } from '../../model/event.js';
import { jobErrorSchema, jobRecordSchema } from '../../model/job.js';
import { phaseNames } from '../../model/phases.js';
import { planSchema } from '../../model/plan.js';
import { receiptSchema } from '../../model/receipt.js';
import { reportSchema } from '../../model/report.js';
import { encryptionSchema } from '../engine/backend.js';

const engineSchema = z.strictObject({ command: z.string(), version: z.string() });

/** What the worker tells its operation. */
export const toOperationSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('start'),
    job: jobRecordSchema,
    /** Null for previews of a creation. */
    cluster: clusterRecordSchema.nullable(),
    installation: z.string(),
    encryption: encryptionSchema,
    account: accountSchema,
    /** The other cluster whose backup is brought back, and its account; null where there is none. */
    source: z.strictObject({ cluster: z.strictObject({ name: z.string(), uid: z.string(), region: z.string() }), account: accountSchema }).nullable(),
    engine: engineSchema,
    backendUrl: z.string(),
    drainLimitMs: z.number(),
    /** A folder of this operation only; the worker removes it. */
    workDir: z.string(),
  }),
  /** The operation is to end soon: the engine is interrupted once and ends in order. It answers with its result. */
  z.strictObject({ type: z.literal('interrupt') }),
  /** The worker has taken everything up to the operation's result: it may end. */
  z.strictObject({ type: z.literal('taken') }),
]);
export type ToOperation = z.infer<typeof toOperationSchema>;
/** What an operation starts with. */
export type StartMessage = Extract<ToOperation, { type: 'start' }>;

/** What an operation tells its worker, in the order in which it happened. */
export const fromOperationSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('phase'), phase: z.enum(phaseNames), state: z.enum(['running', 'succeeded', 'failed']) }),
  z.strictObject({ type: z.literal('event'), event: jobEventBodySchema }),
  z.strictObject({ type: z.literal('progress'), done: z.int(), total: z.int() }),
  /** What became known of the cluster. */
  z.strictObject({ type: z.literal('cluster'), zones: z.array(z.string()).optional(), connection: connectionSchema.optional() }),
  z.strictObject({ type: z.literal('observation'), observation: observationSchema }),
  z.strictObject({ type: z.literal('plan'), plan: planSchema }),
  z.strictObject({ type: z.literal('receipt'), receipt: receiptSchema }),
  /** What was found out about the cluster. */
  z.strictObject({ type: z.literal('report'), report: reportSchema }),
  z.strictObject({ type: z.literal('log'), level: z.enum(['debug', 'info', 'warn', 'error']), message: z.string() }),
  /** The last message: how it ended. `interrupted`: it was told to, before it was done. */
  z.strictObject({ type: z.literal('result'), error: jobErrorSchema.nullable(), interrupted: z.boolean() }),
]);
export type FromOperation = z.infer<typeof fromOperationSchema>;
