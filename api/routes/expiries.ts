import { z } from 'zod';
import { allExpiries, expirySchema } from '../../model/expiry.js';
import { visibleOwners } from '../../model/tenancy.js';
import { pageSchema } from '../http/parameters.js';
import { json } from '../http/reply.js';
import { operation } from '../operation.js';
import { listSchema } from '../views/list.js';
import { timeSchema } from '../views/times.js';
import { jsonAnswer } from './answers.js';

const dayMs = 24 * 3_600_000;

const clusterExpiriesSchema = z.strictObject({
  cluster: z.string(),
  observedAt: timeSchema.nullable().describe('When it was looked at last; null if it never was, and then only its minor of Kubernetes and its operating system are known'),
  expiries: z.array(expirySchema.meta({ id: 'Expiry' })).describe('What ends first comes first'),
}).meta({ id: 'ClusterExpiries' });

export const listExpiries = operation({
  method: 'get',
  path: '/expiries',
  id: 'listExpiries',
  access: { role: 'viewer', over: 'some' },
  tag: 'Clusters',
  summary: 'See what ends when, of all clusters',
  description: 'Certificates of control planes, those that have signed them, the service\'s own certificate and the token of joining nodes, as a worker has seen them last (it looks every few minutes), and the end of life of the cluster\'s minor of Kubernetes and of its machines\' operating system. A page is of `limit` clusters; those of which nothing ends in time are left out.',
  query: pageSchema({
    within: z.string().regex(/^[0-9]{1,4}d$/, 'must be a number of days such as 60d').transform((text) => Number(text.slice(0, -1))).optional().meta({ type: 'string', pattern: '^[0-9]{1,4}d$', description: 'Only what ends within so many days, or has ended.' }),
  }),
  responses: { 200: jsonAnswer('A page of clusters with what ends.', listSchema(clusterExpiriesSchema)) },
  async handle({ caller, query: { limit, cursor, within } }, { store }) {
    const { items, nextCursor } = await store.listClusters({ owners: visibleOwners(caller) }, { limit, cursor });
    const until = within === undefined ? Number.POSITIVE_INFINITY : Date.now() + within * dayMs;
    const found = await Promise.all(items.map(async ({ cluster: { name, spec } }) => {
      const report = await store.getReport(name, 'expiries');
      const expiries = allExpiries(spec, report?.expiries ?? []).filter(({ endsAt }) => Date.parse(endsAt) <= until);
      return { cluster: name, observedAt: report?.at ?? null, expiries };
    }));
    return json(200, { items: found.filter(({ expiries }) => within === undefined || expiries.length > 0), nextCursor });
  },
});
