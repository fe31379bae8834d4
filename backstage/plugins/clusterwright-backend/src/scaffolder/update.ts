import type { TemplateAction } from '@backstage/plugin-scaffolder-node';
import type { ClusterPatch } from '@clusterwright/client';
import { ownerName, unowned } from '../owners';
import { dryRunInput, templateAction, type ActionGround } from './action';
import { clusterOutput, clusterOutputs } from './cluster-output';
import { nameSchema, patchSchema } from './schemas';

/** `clusterwright:cluster:update`: changes a cluster by a merge patch and waits until it is ready again. */
export function updateAction(ground: ActionGround): TemplateAction {
  const { client, settings } = ground;
  return templateAction(ground, {
    id: 'clusterwright:cluster:update',
    description: 'Changes a Kubernetes cluster by a merge patch and waits until it is ready again',
    example: `steps:
  - id: cluster
    action: clusterwright:cluster:update
    input:
      name: payments-prod
      patch:
        nodePools: [{name: general, machineType: m7i.xlarge, minNodes: 3, maxNodes: 12}]
`,
    input: {
      type: 'object', additionalProperties: false, required: ['name', 'patch'],
      properties: { name: nameSchema, patch: patchSchema, dryRun: dryRunInput },
    },
    output: clusterOutput,
    change: ({ name: given, patch: givenPatch }) => {
      // Both have been checked by the schemas that the types are generated from.
      const name = given as string;
      const asked = givenPatch as ClusterPatch;
      const patch = typeof asked.owner === 'string' ? { ...asked, owner: ownerName(asked.owner, settings.owners) } : asked;
      return {
        name,
        request: patch,
        owners: async () => [...new Set([(await client.cluster(name)).spec.owner ?? unowned, ...(typeof patch.owner === 'string' ? [patch.owner] : [])])],
        submit: ({ dryRun, idempotencyKey }) => client.updateCluster(name, patch, { dryRun, idempotencyKey }),
      };
    },
    outputs: (cluster) => clusterOutputs(client, cluster),
  });
}
