/**
 * Clusterwright in Backstage's backend. The default export is all of it: `backend.add(import('@clusterwright/plugin-clusterwright-backend'))`. Each part can be
 * added on its own as well.
 */
import { createBackendFeatureLoader } from '@backstage/backend-plugin-api';
import { clusterwrightPlugin } from './card/plugin';
import { catalogModuleClusterwright } from './catalog/module';
import { scaffolderModuleClusterwright } from './scaffolder/module';

/** Actions, entity provider and the card's routes. */
export default createBackendFeatureLoader({
  *loader() {
    yield clusterwrightPlugin;
    yield catalogModuleClusterwright;
    yield scaffolderModuleClusterwright;
  },
});

export { clusterAnnotations } from './annotations';
export { catalogModuleClusterwright, clusterwrightPlugin, scaffolderModuleClusterwright };
