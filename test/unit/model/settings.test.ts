import { describe, expect, it } from 'vitest';
import { readSettings } from '../../../model/settings.js';

const signIn = { CLUSTERWRIGHT_AUTH: 'entra', CLUSTERWRIGHT_ENTRA_TENANT: '00000000-0000-4000-8000-000000000001', CLUSTERWRIGHT_ENTRA_AUDIENCE: '00000000-0000-4000-8000-000000000002, api://clusterwright' };
const read = (environment: Record<string, string>) => readSettings(environment, '/srv');

describe('settings of sign-in', () => {
  it('are off where nothing is said, on loopback', () => {
    expect(read({}).http).toMatchObject({ entra: undefined, tls: undefined, trustedProxies: [], auditFile: '/srv/.clusterwright/audit.jsonl' });
  });

  it('tell tenant, audiences, issuer and where the tenancy file is', () => {
    expect(read(signIn).http.entra).toEqual({
      tenantId: signIn.CLUSTERWRIGHT_ENTRA_TENANT, audiences: ['00000000-0000-4000-8000-000000000002', 'api://clusterwright'], authority: 'https://login.microsoftonline.com',
      issuer: `https://login.microsoftonline.com/${signIn.CLUSTERWRIGHT_ENTRA_TENANT}/v2.0`, tenancyFile: '/srv/.clusterwright/tenancy.yaml',
    });
  });

  it('believe the issuer of the national cloud that is named, and of an emulator on loopback that of the real one', () => {
    const issuer = (authority: string) => read({ ...signIn, CLUSTERWRIGHT_ENTRA_AUTHORITY: authority }).http.entra?.issuer;
    expect(issuer('https://login.microsoftonline.us/')).toBe(`https://login.microsoftonline.us/${signIn.CLUSTERWRIGHT_ENTRA_TENANT}/v2.0`);
    expect(issuer('http://127.0.0.1:4000/entra')).toBe(`https://login.microsoftonline.com/${signIn.CLUSTERWRIGHT_ENTRA_TENANT}/v2.0`);
    expect(() => issuer('http://login.example.com')).toThrow(/CLUSTERWRIGHT_ENTRA_AUTHORITY must be https/);
  });

  it('name everything that is missing at once', () => {
    expect(() => read({ CLUSTERWRIGHT_AUTH: 'entra', CLUSTERWRIGHT_TLS_KEY: 'key.pem' })).toThrow(/CLUSTERWRIGHT_ENTRA_TENANT is required.*CLUSTERWRIGHT_ENTRA_AUDIENCE is required.*set together/);
    expect(() => read({ CLUSTERWRIGHT_ENTRA_TENANT: signIn.CLUSTERWRIGHT_ENTRA_TENANT })).toThrow(/CLUSTERWRIGHT_AUTH must be entra/);
  });

  it('refuse an address that others reach without sign-in, cloud and TLS', () => {
    expect(() => read({ HOST: '0.0.0.0' })).toThrow(/CLUSTERWRIGHT_AUTH must be entra.*CLUSTERWRIGHT_CLOUD must say.*tokens need TLS/);
    const open = { ...signIn, HOST: '0.0.0.0', CLUSTERWRIGHT_CLOUD: 'live' };
    expect(() => read(open)).toThrow(/tokens need TLS/);
    expect(read({ ...open, CLUSTERWRIGHT_TLS_CERTIFICATE: 'tls.crt', CLUSTERWRIGHT_TLS_KEY: 'tls.key' }).http.tls).toEqual({ certificateFile: '/srv/tls.crt', keyFile: '/srv/tls.key' });
    expect(read({ ...open, CLUSTERWRIGHT_TRUST_PROXY: '10.0.0.7, 10.1.0.0/24' }).http.trustedProxies).toEqual(['10.0.0.7', '10.1.0.0/24']);
  });

  it('tell with which registration the console signs in, and for what', () => {
    const CLUSTERWRIGHT_CONSOLE_CLIENT_ID = '00000000-0000-4000-8000-000000000003';
    expect(read(signIn).http.consoleSignIn).toBeUndefined();
    expect(read({ ...signIn, CLUSTERWRIGHT_CONSOLE_CLIENT_ID }).http.consoleSignIn).toEqual({ clientId: CLUSTERWRIGHT_CONSOLE_CLIENT_ID, scope: '00000000-0000-4000-8000-000000000002/.default' });
    expect(read({ ...signIn, CLUSTERWRIGHT_CONSOLE_CLIENT_ID, CLUSTERWRIGHT_CONSOLE_SCOPE: 'api://clusterwright/use' }).http.consoleSignIn?.scope).toBe('api://clusterwright/use');
    expect(() => read({ CLUSTERWRIGHT_CONSOLE_CLIENT_ID })).toThrow(/CLUSTERWRIGHT_AUTH must be entra where CLUSTERWRIGHT_CONSOLE_CLIENT_ID is set/);
    expect(() => read({ ...signIn, CLUSTERWRIGHT_CONSOLE_SCOPE: 'one' })).toThrow(/CLUSTERWRIGHT_CONSOLE_CLIENT_ID is required/);
    expect(() => read({ ...signIn, CLUSTERWRIGHT_CONSOLE_CLIENT_ID, CLUSTERWRIGHT_CONSOLE_SCOPE: 'one two' })).toThrow(/must be one scope/);
  });

  it.each(['true', '1', 'loopback', '10.0.0.0/33'])('take no %s for a proxy', (entry) => {
    expect(() => read({ CLUSTERWRIGHT_TRUST_PROXY: entry })).toThrow(/CLUSTERWRIGHT_TRUST_PROXY/);
  });
});
