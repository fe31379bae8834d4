import { describe, expect, it } from 'vitest';
import { AzureRefusal, azureError, calling } from '../../../worker/cloud/azure/errors.js';
import { FreshGrants } from '../../../worker/cloud/azure/fresh-grants.js';

const refusal = (status: number, code: string, inner?: string): AzureRefusal =>
  AzureRefusal.of(status, JSON.stringify({ error: { code, message: 'words', ...(inner === undefined ? {} : { innererror: { code: inner } }) } }), undefined);
const named = (name: string): Error => Object.assign(new Error('words'), { name });

describe('an error of Azure', () => {
  it.each([
    [refusal(429, 'TooManyRequests'), 'cloud-throttled'],
    [refusal(409, 'QuotaExceeded'), 'quota-exceeded'],
    [refusal(401, 'AuthenticationFailed'), 'cloud-credentials'],
    [refusal(403, 'AuthorizationFailed'), 'cloud-credentials'],
    [refusal(403, 'Forbidden', 'ForbiddenByRbac'), 'cloud-credentials'],
    [refusal(403, 'Forbidden', 'ForbiddenByFirewall'), 'cluster-unreachable'],
    [AzureRefusal.of(403, '<Error/>', 'AuthorizationFailure'), 'cluster-unreachable'],
    [named('CredentialUnavailableError'), 'cloud-credentials'],
  ])('%o is %s', (error, code) => {
    expect(azureError(error, 'doing')).toMatchObject({ code });
  });

  it('stays as it is where it says nothing about the account', () => {
    const error = refusal(500, 'InternalServerError');
    expect(azureError(error, 'doing')).toBe(error);
  });
});

describe('a right that was given a moment ago', () => {
  const refusing = (inner: string) => (): Promise<string> => calling('reading', () => Promise.reject(refusal(403, 'Forbidden', inner)));
  const denied = refusing('ForbiddenByRbac');

  it('is waited for, for ten minutes from the first refusal', async () => {
    let now = 0;
    const grants = new FreshGrants(() => now);
    expect(await grants.awaited('nothing', denied)).toBe('nothing');
    now = 9 * 60_000;
    expect(await grants.awaited('nothing', denied)).toBe('nothing');
    now = 11 * 60_000;
    await expect(grants.awaited('nothing', denied)).rejects.toMatchObject({ code: 'cloud-credentials' });
  });

  it('is not waited for where a firewall is in the way', async () => {
    await expect(new FreshGrants().awaited('nothing', refusing('ForbiddenByFirewall'))).rejects.toMatchObject({ code: 'cluster-unreachable' });
  });
});
