import { coreServices, createBackendPlugin, createServiceFactory, type BackendFeature } from '@backstage/backend-plugin-api';
import { mockServices, startTestBackend, type TestBackend } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { catalogProcessingExtensionPoint, type EntityProvider } from '@backstage/plugin-catalog-node';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { scaffolderActionsExtensionPoint, type TemplateAction } from '@backstage/plugin-scaffolder-node';
import clusterwright from '../plugins/clusterwright-backend/src';
import type { ClusterwrightEntityProvider } from '../plugins/clusterwright-backend/src/catalog/provider';
import { config } from './clusterwright';

/** A backend of Backstage with all of Clusterwright in it, and what that gave to the scaffolder and the catalogue. */
export interface Backend {
  readonly backend: TestBackend;
  readonly actions: ReadonlyMap<string, TemplateAction>;
  readonly provider: ClusterwrightEntityProvider;
  /** Where its API is. */
  readonly url: string;
}

/** What a test can choose of a backend. */
export interface BackendOptions {
  /** Settings that replace those of the running service. */
  readonly settings?: Record<string, unknown>;
  /** Groups that whoever runs a template is in. */
  readonly groups?: readonly string[];
  /** What is in the catalogue. */
  readonly entities?: Entity[];
  readonly feature?: BackendFeature;
}

/** Starts a backend; its scaffolder and catalogue take what modules give them, and do nothing with it by themselves. */
export async function startBackend({ settings, groups = ['group:default/payments'], entities = [], feature = clusterwright }: BackendOptions = {}): Promise<Backend> {
  const actions = new Map<string, TemplateAction>();
  const providers: EntityProvider[] = [];
  const scaffolder = createBackendPlugin({
    pluginId: 'scaffolder',
    register(env) {
      env.registerExtensionPoint(scaffolderActionsExtensionPoint, {
        addActions: (...added) => { for (const action of added) actions.set(action.id, action as unknown as TemplateAction); },
      });
      env.registerInit({ deps: {}, init: async () => undefined });
    },
  });
  const catalog = createBackendPlugin({
    pluginId: 'catalog',
    register(env) {
      env.registerExtensionPoint(catalogProcessingExtensionPoint, {
        addEntityProvider: (...added) => void providers.push(...added.flat()),
      } as typeof catalogProcessingExtensionPoint.T);
      env.registerInit({ deps: {}, init: async () => undefined });
    },
  });
  const userInfo = createServiceFactory({ service: coreServices.userInfo, deps: {}, factory: () => mockServices.userInfo({ ownershipEntityRefs: [...groups] }) });
  const backend = await startTestBackend({ features: [scaffolder, catalog, feature, config(settings), userInfo, catalogServiceMock.factory({ entities })] });
  const [provider] = providers;
  if (provider?.getProviderName() !== 'clusterwright') throw new Error('the catalogue was not given the provider');
  return { backend, actions, provider: provider as ClusterwrightEntityProvider, url: `http://localhost:${backend.server.port()}/api/clusterwright` };
}
