import { coreServices, createBackendPlugin } from '@backstage/backend-plugin-api';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { clusterwrightServiceRef } from '../service';
import { cardRouter } from './router';

/** What the card of the entity page reads, at `/api/clusterwright`. */
export const clusterwrightPlugin = createBackendPlugin({
  pluginId: 'clusterwright',
  register(env) {
    env.registerInit({
      deps: { catalog: catalogServiceRef, clusterwright: clusterwrightServiceRef, http: coreServices.httpRouter, httpAuth: coreServices.httpAuth },
      async init({ catalog, clusterwright, http, httpAuth }) {
        http.use(cardRouter({ ...clusterwright, catalog, httpAuth }));
      },
    });
  },
});
