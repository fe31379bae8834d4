import { request } from './harness.js';
import { submissionOf } from './schemas.js';
import { person, type SignedInApi } from './tenants.js';

/** Makes a cluster of an owner as one of its operators, and ends its job as a worker would. Answers its name and that job. */
export async function ownedCluster(tenants: SignedInApi, name: string, owner: 'payments' | 'search'): Promise<{ name: string; job: string }> {
  const { job } = await submissionOf(await tenants.as(person(owner === 'payments' ? 'operator' : 'stranger'), 'POST', '/clusters', request(name, { owner })));
  await tenants.api.finish(job.id);
  return { name, job: job.id };
}
