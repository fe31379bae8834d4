import { createFrontendPlugin } from '@backstage/frontend-plugin-api';
import { EntityCardBlueprint } from '@backstage/plugin-catalog-react/alpha';

/** The card on the pages of entities that stand for clusters. */
export const entityClusterwrightCard = EntityCardBlueprint.make({
  params: {
    type: 'info',
    filter: { kind: 'resource', 'spec.type': 'kubernetes-cluster', 'metadata.annotations.clusterwright.io/cluster': { $exists: true } },
    loader: async () => {
      const { EntityClusterwrightCard } = await import('./cluster-card');
      return <EntityClusterwrightCard />;
    },
  },
});

/** Clusterwright in Backstage's new frontend system; an app that discovers its packages has it by installing it. */
export const clusterwrightPlugin = createFrontendPlugin({ pluginId: 'clusterwright', extensions: [entityClusterwrightCard] });
