import { loadCatalogue } from '../../../bin/catalogue.js';
import type { ClusterRecord } from '../../../model/cluster.js';
import { newJob, type JobRecord } from '../../../model/job.js';
import { resolveRequest } from '../../../model/resolve.js';

const uuid = '11111111-1111-4111-8111-111111111111';
const at = '2026-01-01T00:00:00.000Z';

const spec = resolveRequest(
  { name: 'shop', template: 'production', provider: 'aws', access: { entra: { tenantId: uuid, clientId: uuid }, groups: [{ id: uuid, role: 'admin' }] } },
  { catalogue: await loadCatalogue(), accounts: { default: { aws: { provider: 'aws', accountId: '123456789012', reach: { type: 'public' } } } } },
);

export function job(change: Partial<JobRecord> = {}): JobRecord {
  const kind = change.kind ?? 'create';
  return {
    ...newJob({
      id: '01ARZ3NDEKTSV4RRFFQ69G5FAV', cluster: 'shop', uid: 'abcdefghijkl', kind, simulated: true, requestedBy: 'anonymous', requestId: 'r-1', createdAt: at, spec,
      intent: { change: 'create', retain: 'none', retryOf: null },
    }),
    ...change,
  };
}

export function cluster(change: Partial<ClusterRecord> = {}): ClusterRecord {
  return {
    name: 'shop', uid: 'abcdefghijkl', slot: 1, state: 'provisioning', simulated: true, spec, version: 3, zones: ['eu-west-1a'], connection: null, conditions: [], createdAt: at, updatedAt: at,
    activeJob: null, nextJob: null, lastJob: { id: '01ARZ3NDEKTSV4RRFFQ69G5FAV', kind: 'create', state: 'running' }, ...change,
  };
}
