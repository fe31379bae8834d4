import { z } from 'zod';
import type { Context } from '../context.js';
import type { CheckResult } from '../dependencies.js';
import { json } from '../http/reply.js';
import { operation } from '../operation.js';
import { jsonAnswer } from './answers.js';

export const getHealth = operation({
  method: 'get',
  path: '/healthz',
  id: 'getHealth',
  access: 'everybody',
  tag: 'Service',
  summary: 'Whether the process lives',
  responses: { 200: jsonAnswer('It does.', z.strictObject({ status: z.literal('ok') })) },
  handle: () => json(200, { status: 'ok' }),
});

const checkSchema = z.enum(['ok', 'failed', 'unknown']);
const readinessSchema = z.strictObject({
  status: z.enum(['ready', 'not-ready']),
  checks: z.strictObject({ redis: checkSchema, queue: checkSchema, backend: checkSchema.describe('`unknown` until a worker has looked') }),
}).meta({ id: 'Readiness' });

export const getReadiness = operation({
  method: 'get',
  path: '/readyz',
  id: 'getReadiness',
  access: 'everybody',
  tag: 'Service',
  summary: 'Whether requests can be served',
  responses: { 200: jsonAnswer('They can.', readinessSchema), 503: jsonAnswer('One of the checks failed.', readinessSchema) },
  async handle(_call, context) {
    const [redis, queue, backend] = await Promise.all([
      check(context, async () => { await context.store.ping(); return 'ok'; }),
      check(context, async () => { await context.queueDepth(); return 'ok'; }),
      check(context, () => context.backendCheck()),
    ]);
    const ready = redis !== 'failed' && queue !== 'failed' && backend !== 'failed';
    return json(ready ? 200 : 503, { status: ready ? 'ready' : 'not-ready', checks: { redis, queue, backend } });
  },
});

/** Runs one check; what rejects or takes too long has failed. */
async function check({ limits, log }: Pick<Context, 'limits' | 'log'>, look: () => Promise<CheckResult>): Promise<CheckResult> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<CheckResult>((resolve) => { timer = setTimeout(() => resolve('failed'), limits.checkMs); });
  try {
    return await Promise.race([look(), late]);
  } catch (error) {
    log.debug({ err: error }, 'a check of readiness failed');
    return 'failed';
  } finally {
    clearTimeout(timer);
  }
}
