import { createHash } from 'node:crypto';
import { otherTenantId } from '../../sandbox/entra/built-in-tenants.js';

/** Somebody else's tenant stands for the issuer of jobs' tokens: the sandbox serves it, and the machines trust its certificate as they do any public one. */
const issuer = `https://login.microsoftonline.com/${otherTenantId}/v2.0`;
/** Whom its tokens are for. */
export const audience = 'c1a50000-0000-4000-8000-000000000001';
/** The only user of that tenant, in the part of a job. */
export const job = { name: 'visitor@other.example', id: '05e40000-0000-4000-8000-000000000101' };

/** The pipeline of such a cluster: one job, told by the subject of its tokens, that deploys to the namespace `payments`. */
export const pipeline = {
  name: 'deploy', issuer, audience, namespace: 'payments', role: 'developer',
  claims: [{ claim: 'sub', value: createHash('sha256').update(`${audience} ${job.id}`).digest('base64url') }],
};
