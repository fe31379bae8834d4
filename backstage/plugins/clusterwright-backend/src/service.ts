import { coreServices, createServiceFactory, createServiceRef } from '@backstage/backend-plugin-api';
import { ClusterwrightClient } from '@clusterwright/client';
import { readSettings, type Settings } from './settings';
import { entraTokens } from './token';

/** Clusterwright as Backstage's backend calls it. */
export interface Clusterwright {
  readonly client: ClusterwrightClient;
  readonly settings: Settings;
}

/** One for the actions, the entity provider and the card: they share settings and token. */
export const clusterwrightServiceRef = createServiceRef<Clusterwright>({
  id: 'clusterwright.service',
  scope: 'root',
  defaultFactory: async (service) => createServiceFactory({
    service,
    deps: { config: coreServices.rootConfig },
    factory: ({ config }) => {
      const settings = readSettings(config);
      return {
        settings,
        client: new ClusterwrightClient({
          url: settings.baseUrl, token: settings.entra && entraTokens(settings.entra), headers: { 'user-agent': 'clusterwright-backstage' },
        }),
      };
    },
  }),
});
