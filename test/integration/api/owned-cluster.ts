import type { ClusterRecord } from '../../../model/cluster.js';
import { request } from './harness.js';
import { submissionOf } from './schemas.js';
import { person, type SignedInApi } from './tenants.js';

/** Makes a cluster of an owner as one of its operators, and ends its job as a worker would. Answers its name and that job. @param change what its record has at the end besides */
export async function ownedCluster(tenants: SignedInApi, name: string, owner: 'payments' | 'search', change: Partial<ClusterRecord> = {}): Promise<{ name: string; job: string }> {
  const { job } = await submissionOf(await tenants.as(person(owner === 'payments' ? 'operator' : 'stranger'), 'POST', '/clusters', request(name, { owner })));
  await tenants.api.finish(job.id, { change });
  return { name, job: job.id };
}
