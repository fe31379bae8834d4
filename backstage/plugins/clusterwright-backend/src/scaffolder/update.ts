import type { TemplateAction } from '@backstage/plugin-scaffolder-node';
import { Problem, type ClusterPatch, type ClusterwrightClient, type Submission } from '@clusterwright/client';
import { ownerName, unowned } from '../owners';
import { dryRunInput, templateAction, type ActionGround, type SubmitOptions } from './action';
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
        submit: (options) => submit(client, name, patch, options),
      };
    },
    outputs: (cluster) => clusterOutputs(client, cluster),
  });
}

/** A merge patch can be asked for twice. The job that stands in the way of the second is the first's. */
async function submit(client: ClusterwrightClient, name: string, patch: ClusterPatch, { dryRun, again = false, signal }: SubmitOptions): Promise<Submission> {
  try {
    return await client.updateCluster(name, patch, { dryRun });
  } catch (error) {
    if (!again || !(error instanceof Problem) || error.code !== 'operation-in-progress' || error.job === undefined) throw error;
    await client.watchJob(error.job, { signal });
    return client.updateCluster(name, patch, { dryRun });
  }
}
