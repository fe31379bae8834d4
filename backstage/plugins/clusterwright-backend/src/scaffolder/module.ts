import { coreServices, createBackendModule } from '@backstage/backend-plugin-api';
import { scaffolderActionsExtensionPoint } from '@backstage/plugin-scaffolder-node';
import { ownerCheck } from '../owners';
import { clusterwrightServiceRef } from '../service';
import type { ActionGround } from './action';
import { createAction } from './create';
import { deleteAction } from './delete';
import { updateAction } from './update';

/** Actions for software templates. */
export const scaffolderModuleClusterwright = createBackendModule({
  pluginId: 'scaffolder',
  moduleId: 'clusterwright',
  register(env) {
    env.registerInit({
      deps: { scaffolder: scaffolderActionsExtensionPoint, clusterwright: clusterwrightServiceRef, auth: coreServices.auth, userInfo: coreServices.userInfo },
      async init({ scaffolder, clusterwright, auth, userInfo }) {
        const ground: ActionGround = { ...clusterwright, mayActFor: ownerCheck(clusterwright.settings.owners, auth, userInfo) };
        scaffolder.addActions(createAction(ground), updateAction(ground), deleteAction(ground));
      },
    });
  },
});
