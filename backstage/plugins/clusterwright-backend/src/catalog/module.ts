import { coreServices, createBackendModule, readSchedulerServiceTaskScheduleDefinitionFromConfig, type RootConfigService, type SchedulerServiceTaskScheduleDefinition } from '@backstage/backend-plugin-api';
import { catalogProcessingExtensionPoint } from '@backstage/plugin-catalog-node';
import { clusterwrightServiceRef } from '../service';
import { ClusterwrightEntityProvider } from './provider';

/** Clusters in the catalogue. */
export const catalogModuleClusterwright = createBackendModule({
  pluginId: 'catalog',
  moduleId: 'clusterwright',
  register(env) {
    env.registerInit({
      deps: {
        catalog: catalogProcessingExtensionPoint, clusterwright: clusterwrightServiceRef, config: coreServices.rootConfig, logger: coreServices.logger, scheduler: coreServices.scheduler,
      },
      async init({ catalog, clusterwright, config, logger, scheduler }) {
        const schedule = scheduler.createScheduledTaskRunner(scheduleOf(config));
        catalog.addEntityProvider(new ClusterwrightEntityProvider(clusterwright, schedule, logger));
      },
    });
  },
});

function scheduleOf(config: RootConfigService): SchedulerServiceTaskScheduleDefinition {
  const given = config.getOptionalConfig('clusterwright.catalog.schedule');
  if (given !== undefined) return readSchedulerServiceTaskScheduleDefinitionFromConfig(given);
  return { frequency: { minutes: 1 }, timeout: { minutes: 1 }, initialDelay: { seconds: 5 } };
}
