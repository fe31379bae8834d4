import type { RootConfigService } from '@backstage/backend-plugin-api';
import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';

/** The application of Microsoft Entra ID that Backstage signs in as. */
export interface EntraSettings {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string;
  readonly authority: string;
}

/** What `clusterwright` in app-config.yaml says: see config.d.ts. */
export interface Settings {
  readonly baseUrl: string;
  readonly consoleUrl: string;
  /** Absent for a service without sign-in, which listens on loopback alone. */
  readonly entra: EntraSettings | undefined;
  readonly owners: { readonly namespace: string; readonly fallback: string; readonly check: boolean };
  readonly system: string | undefined;
}

/** Reads the settings. Throws where one is missing or is no address, naming it. */
export function readSettings(root: RootConfigService): Settings {
  const config = root.getConfig('clusterwright');
  const baseUrl = addressOf('clusterwright.baseUrl', config.getString('baseUrl'));
  const entra = config.getOptionalConfig('entra');
  const namespace = config.getOptionalString('owners.namespace') ?? 'default';
  return {
    baseUrl,
    consoleUrl: addressOf('clusterwright.consoleUrl', config.getOptionalString('consoleUrl') ?? baseUrl),
    entra: entra && {
      tenantId: entra.getString('tenantId'),
      clientId: entra.getString('clientId'),
      clientSecret: entra.getString('clientSecret'),
      scope: entra.getString('scope'),
      authority: addressOf('clusterwright.entra.authority', entra.getOptionalString('authority') ?? 'https://login.microsoftonline.com'),
    },
    owners: {
      namespace,
      fallback: entityOf('group', config.getOptionalString('owners.fallback')) ?? stringifyEntityRef({ kind: 'group', namespace, name: 'unowned' }),
      check: config.getOptionalBoolean('owners.check') ?? true,
    },
    system: entityOf('system', config.getOptionalString('catalog.system')),
  };
}

/** The location that a cluster's entity comes from: the catalogue lets nobody but our entity provider give it. */
export function clusterLocation(settings: Settings, cluster: string): string {
  return `url:${settings.baseUrl}/clusters/${cluster}`;
}

/** Where people see a cluster. */
export function consolePage(settings: Settings, cluster: string): string {
  return `${settings.consoleUrl}/#/clusters/${encodeURIComponent(cluster)}`;
}

/** A reference in full; throws where it is none. */
function entityOf(defaultKind: string, given: string | undefined): string | undefined {
  return given && stringifyEntityRef(parseEntityRef(given, { defaultKind, defaultNamespace: 'default' }));
}

function addressOf(setting: string, value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') throw new Error(`${setting} is "${value}", which is no http address: give it as https://HOST`);
  return value.replace(/\/+$/, '');
}
