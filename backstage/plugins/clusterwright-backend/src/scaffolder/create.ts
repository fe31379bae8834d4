import type { TemplateAction } from '@backstage/plugin-scaffolder-node';
import type { ClusterRequest } from '@clusterwright/client';
import { ownerName, unowned } from '../owners';
import { dryRunInput, templateAction, type ActionGround } from './action';
import { clusterOutput, clusterOutputs } from './cluster-output';
import { requestSchema } from './schemas';

/** `clusterwright:cluster:create`: asks for a cluster and waits until it is ready. */
export function createAction(ground: ActionGround): TemplateAction {
  const { client, settings } = ground;
  return templateAction(ground, {
    id: 'clusterwright:cluster:create',
    description: 'Creates a Kubernetes cluster and waits until it is ready',
    example: `steps:
  - id: cluster
    action: clusterwright:cluster:create
    input:
      cluster:
        name: payments-prod
        template: production
        provider: aws
        owner: group:default/payments
        access:
          entra: {tenantId: 11111111-1111-4111-8111-111111111111, clientId: 22222222-2222-4222-8222-222222222222}
          groups: [{id: 33333333-3333-4333-8333-333333333333, role: admin}]
`,
    input: {
      type: 'object', additionalProperties: false, required: ['cluster'],
      properties: { cluster: requestSchema, dryRun: dryRunInput },
    },
    output: clusterOutput,
    change: ({ cluster: given }) => {
      // It has been checked by the schema that the type is generated from.
      const cluster = given as unknown as ClusterRequest;
      const owner = ownerName(cluster.owner ?? unowned, settings.owners);
      const request = { ...cluster, owner };
      return {
        name: cluster.name,
        request,
        owners: async () => [owner],
        submit: ({ dryRun, idempotencyKey }) => client.createCluster(request, { dryRun, idempotencyKey }),
      };
    },
    outputs: (name) => clusterOutputs(client, name),
  });
}
