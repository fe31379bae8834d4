import { z } from 'zod';
import type { HttpSettings } from '../../model/http-settings.js';
import { loadSignIn } from '../sign-in.js';
import { look, missing, ok, warn, type Finding } from './finding.js';
import { clockFinding } from './redis.js';

const keysSchema = z.object({ keys: z.array(z.object({ kid: z.string() })).min(1) });
const answerMs = 5_000;
/** The Date header has whole seconds. */
const granularityMs = 1_000;

/** The tenancy file, read as the API reads it. */
export async function tenancyFindings(http: HttpSettings): Promise<readonly Finding[]> {
  const { entra } = http;
  if (entra === undefined) return [warn('sign-in', 'There is none: whoever reaches this machine\'s loopback may do everything. Set CLUSTERWRIGHT_AUTH=entra (docs/sign-in.md).')];
  return look('tenancy', async () => {
    const { tenancy } = await loadSignIn(http);
    const admin = tenancy.grants.some(({ role, owners }) => role === 'admin' && owners.includes('*'));
    if (tenancy.grants.length === 0) return missing('tenancy', `${entra.tenancyFile} gives nobody a role: add grants.`);
    return admin ? ok('tenancy', `Grants: ${tenancy.grants.length} (${entra.tenancyFile}).`) : warn('tenancy', `${entra.tenancyFile} makes nobody admin over all owners: no one can read the audit trail.`);
  });
}

/** The tenant's signing keys, read as the API reads them, and by the way its clock. */
export async function keyFindings({ entra }: HttpSettings): Promise<readonly Finding[]> {
  if (entra === undefined) return [];
  const url = `${entra.authority}/${entra.tenantId}/discovery/v2.0/keys`;
  return look('sign-in', async () => {
    const answer = await fetch(url, { signal: AbortSignal.timeout(answerMs) }).catch(() => undefined);
    if (answer === undefined) return missing('sign-in', `${url} does not answer: let this machine reach it over HTTPS.`);
    const keys = answer.ok ? keysSchema.safeParse(await answer.json().catch(() => undefined)) : undefined;
    if (!keys?.success) return missing('sign-in', `${url} gives no signing keys (HTTP ${answer.status}): check CLUSTERWRIGHT_ENTRA_TENANT and CLUSTERWRIGHT_ENTRA_AUTHORITY.`);
    const date = Date.parse(answer.headers.get('date') ?? '');
    return [
      ok('sign-in', `Signing keys of the tenant ${entra.tenantId}: ${keys.data.keys.length}.`),
      ...(Number.isNaN(date) ? [] : [clockFinding('Entra ID', date + granularityMs / 2 - Date.now())]),
    ];
  });
}
