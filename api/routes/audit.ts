import { z } from 'zod';
import { auditEntrySchema } from '../../model/audit.js';
import { pageSchema } from '../http/parameters.js';
import { json } from '../http/reply.js';
import { operation } from '../operation.js';
import { listSchema } from '../views/list.js';
import { jsonAnswer } from './answers.js';

const time = z.iso.datetime('must be a time such as 2026-01-31T12:00:00Z');

export const listAudit = operation({
  method: 'get',
  path: '/audit',
  id: 'listAudit',
  access: { role: 'admin', over: 'all' },
  audited: true,
  tag: 'Audit',
  summary: 'Read the audit trail, the newest first',
  description: 'Who asked what, when, from where, and what came of it: every request that changes something, every kubeconfig, every look at this trail, and all that was refused to somebody who had signed in. '
    + 'With a filter a page can have fewer items than asked for; there is more as long as it has a `nextCursor`.',
  query: pageSchema({
    since: time.optional().describe('Its time and later'),
    until: time.optional().describe('Before it'),
    caller: z.string().min(1).max(100).optional().describe('`id` of a caller'),
    cluster: z.string().min(1).max(63).optional(),
    owner: z.string().min(1).max(63).optional(),
  }),
  responses: { 200: jsonAnswer('A page of the trail.', listSchema(auditEntrySchema.meta({ id: 'AuditEntry' }))) },
  async handle({ query: { limit, cursor, ...filter } }, { store }) {
    return json(200, await store.listAudit(filter, { limit, cursor }));
  },
});
