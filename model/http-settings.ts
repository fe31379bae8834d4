import ipaddr from 'ipaddr.js';
import path from 'node:path';
import { z } from 'zod';
import { uuidSchema } from './fields.js';

/** How callers sign in with Microsoft Entra ID. */
export interface EntraSettings {
  readonly tenantId: string;
  /** What tokens must be for: the client id of the service's registration, or its `api://` address. */
  readonly audiences: readonly string[];
  /** Where the tenant's keys are read. Issuers in tokens are always those of `https://login.microsoftonline.com`, or of the national cloud that this names. */
  readonly authority: string;
  /** The issuer that tokens must name. */
  readonly issuer: string;
  readonly tenancyFile: string;
}

/** How the API is reached, and by whom. */
export interface HttpSettings {
  /** Undefined: no sign-in, on loopback alone. */
  readonly entra: EntraSettings | undefined;
  /** Certificate chain and key, PEM; undefined: plain HTTP, for loopback or behind a proxy. */
  readonly tls: { readonly certificateFile: string; readonly keyFile: string } | undefined;
  /** Addresses and networks of the proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  /** Requests a minute and caller that ask for a change. */
  readonly changesPerMinute: number;
  /** Where the audit trail is written as JSON lines. */
  readonly auditFile: string;
  /** How long the audit trail of `GET /audit` is kept, in days. */
  readonly auditDays: number;
  /** How people sign in to the console; undefined where nobody signs in, or where no registration for it is named. */
  readonly consoleSignIn: ConsoleSignIn | undefined;
}

/** The console's own registration in Entra ID: a single-page application, which has no secret. */
export interface ConsoleSignIn {
  readonly clientId: string;
  /** The permission of the service that it asks for, such as `api://CLIENT-ID/.default`. */
  readonly scope: string;
}

const list = (text: string): string[] => text.split(',').map((part) => part.trim()).filter((part) => part !== '');

/** Short forms such as "1" are addresses to some libraries and a number of proxies to others. */
const isNetwork = (text: string): boolean => {
  const [address = ''] = text.split('/');
  return (ipaddr.IPv4.isValidFourPartDecimal(address) || ipaddr.IPv6.isValid(address)) && (address === text || ipaddr.isValidCIDR(text));
};

/** The environment's variables about HTTP and sign-in. */
export const httpShape = {
  CLUSTERWRIGHT_AUTH: z.enum(['entra', 'none']).default('none'),
  CLUSTERWRIGHT_ENTRA_TENANT: uuidSchema.optional(),
  CLUSTERWRIGHT_ENTRA_AUDIENCE: z.string().transform(list).pipe(z.array(z.string()).min(1, 'must name at least one audience')).optional(),
  CLUSTERWRIGHT_ENTRA_AUTHORITY: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, '')).default('https://login.microsoftonline.com'),
  CLUSTERWRIGHT_TENANCY: z.string().min(1).optional(),
  CLUSTERWRIGHT_TLS_CERTIFICATE: z.string().min(1).optional(),
  CLUSTERWRIGHT_TLS_KEY: z.string().min(1).optional(),
  CLUSTERWRIGHT_TRUST_PROXY: z.string().transform(list).pipe(z.array(z.string().refine(isNetwork, 'must be addresses or networks of proxies, such as 10.0.0.7 or 10.0.0.0/24'))).default([]),
  CLUSTERWRIGHT_CHANGES_PER_MINUTE: z.string().regex(/^[0-9]{1,7}$/, 'must be a whole number').transform(Number).pipe(z.int().min(1)).default(6000),
  CLUSTERWRIGHT_AUDIT_FILE: z.string().min(1).optional(),
  CLUSTERWRIGHT_AUDIT_DAYS: z.string().regex(/^[0-9]{1,5}$/, 'must be a whole number').transform(Number).pipe(z.int().min(1)).default(400),
  CLUSTERWRIGHT_CONSOLE_CLIENT_ID: uuidSchema.optional(),
  CLUSTERWRIGHT_CONSOLE_SCOPE: z.string().regex(/^\S+$/, 'must be one scope, such as api://CLIENT-ID/.default').optional(),
};

/** Emulators answer on loopback, with the issuers of the real Entra ID. */
const realAuthority = 'https://login.microsoftonline.com';
const loopbackHost = /^https?:\/\/(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:|\/|$)/;

/** The settings out of checked values, and what is wrong between them. */
export function httpSettings(values: z.output<z.ZodObject<typeof httpShape>>, home: string, workingDirectory: string): { settings: HttpSettings; faults: string[] } {
  const { CLUSTERWRIGHT_ENTRA_TENANT: tenantId, CLUSTERWRIGHT_ENTRA_AUDIENCE: audiences, CLUSTERWRIGHT_ENTRA_AUTHORITY: authority, CLUSTERWRIGHT_TLS_CERTIFICATE: certificate, CLUSTERWRIGHT_TLS_KEY: key, CLUSTERWRIGHT_CONSOLE_CLIENT_ID: consoleClient, CLUSTERWRIGHT_CONSOLE_SCOPE: consoleScope } = values;
  const signIn = values.CLUSTERWRIGHT_AUTH === 'entra';
  const faults = [
    ...(signIn && tenantId === undefined ? ['CLUSTERWRIGHT_ENTRA_TENANT is required with CLUSTERWRIGHT_AUTH=entra: the tenant whose tokens are accepted'] : []),
    ...(signIn && audiences === undefined ? ['CLUSTERWRIGHT_ENTRA_AUDIENCE is required with CLUSTERWRIGHT_AUTH=entra: the client id of the service\'s registration'] : []),
    ...(!signIn && (tenantId !== undefined || audiences !== undefined) ? ['CLUSTERWRIGHT_AUTH must be entra where CLUSTERWRIGHT_ENTRA_TENANT or CLUSTERWRIGHT_ENTRA_AUDIENCE is set'] : []),
    ...(!signIn && consoleClient !== undefined ? ['CLUSTERWRIGHT_AUTH must be entra where CLUSTERWRIGHT_CONSOLE_CLIENT_ID is set: without sign-in the console needs no registration'] : []),
    ...(consoleClient === undefined && consoleScope !== undefined ? ['CLUSTERWRIGHT_CONSOLE_CLIENT_ID is required with CLUSTERWRIGHT_CONSOLE_SCOPE: the registration that the console signs in with'] : []),
    ...((certificate === undefined) !== (key === undefined) ? ['CLUSTERWRIGHT_TLS_CERTIFICATE and CLUSTERWRIGHT_TLS_KEY are set together or not at all'] : []),
    ...(signIn && authority.startsWith('http:') && !loopbackHost.test(authority) ? ['CLUSTERWRIGHT_ENTRA_AUTHORITY must be https: tokens are believed by the keys that it gives'] : []),
  ];
  const at = (file: string): string => path.resolve(workingDirectory, file);
  return {
    faults,
    settings: {
      entra: signIn && tenantId !== undefined && audiences !== undefined
        ? { tenantId, audiences, authority, issuer: `${loopbackHost.test(authority) ? realAuthority : authority}/${tenantId}/v2.0`, tenancyFile: at(values.CLUSTERWRIGHT_TENANCY ?? path.join(home, 'tenancy.yaml')) } : undefined,
      tls: certificate !== undefined && key !== undefined ? { certificateFile: at(certificate), keyFile: at(key) } : undefined,
      trustedProxies: values.CLUSTERWRIGHT_TRUST_PROXY,
      changesPerMinute: values.CLUSTERWRIGHT_CHANGES_PER_MINUTE,
      auditFile: at(values.CLUSTERWRIGHT_AUDIT_FILE ?? path.join(home, 'audit.jsonl')),
      auditDays: values.CLUSTERWRIGHT_AUDIT_DAYS,
      consoleSignIn: signIn && consoleClient !== undefined && audiences?.[0] !== undefined ? { clientId: consoleClient, scope: consoleScope ?? `${audiences[0]}/.default` } : undefined,
    },
  };
}
