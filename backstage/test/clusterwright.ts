import { mockServices } from '@backstage/backend-test-utils';
import type { ServiceFactory } from '@backstage/backend-plugin-api';
import type { JsonObject } from '@backstage/types';
import { ClusterwrightClient } from '@clusterwright/client';
import { inject } from 'vitest';
import { readSettings } from '../plugins/clusterwright-backend/src/settings';
import { entraTokens } from '../plugins/clusterwright-backend/src/token';

declare module 'vitest' {
  export interface ProvidedContext {
    clusterwright: { baseUrl: string; entra: { tenantId: string; clientId: string; clientSecret: string; scope: string; authority: string } };
  }
}

/** app-config.yaml as it is for the running service; settings that are given replace those. */
export function configData(clusterwright: Record<string, unknown> = {}): { clusterwright: Record<string, never> } {
  return { clusterwright: { ...inject('clusterwright'), ...clusterwright } as unknown as Record<string, never> };
}

/** The same for a test backend. */
export function config(clusterwright: Record<string, unknown> = {}): ServiceFactory {
  return mockServices.rootConfig.factory({ data: configData(clusterwright) });
}

/** The running service as Backstage's application sees it. */
export function serviceClient(): ClusterwrightClient {
  const settings = readSettings(mockServices.rootConfig({ data: configData() }));
  return new ClusterwrightClient({ url: settings.baseUrl, token: settings.entra && entraTokens(settings.entra) });
}

const uuid = (digit: number): string => `${String(digit).repeat(8)}-${String(digit).repeat(4)}-4${String(digit).repeat(3)}-8${String(digit).repeat(3)}-${String(digit).repeat(12)}`;

/** The least that a cluster is asked for with. */
export function request(name: string, more: JsonObject = {}): JsonObject {
  return { name, template: 'development', provider: 'aws', owner: 'payments', access: { entra: { tenantId: uuid(1), clientId: uuid(2) }, groups: [{ id: uuid(3), role: 'admin' }] }, ...more };
}
