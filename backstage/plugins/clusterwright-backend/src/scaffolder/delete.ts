import type { TemplateAction } from '@backstage/plugin-scaffolder-node';
import { Problem, type ClusterwrightClient, type Job } from '@clusterwright/client';
import { unowned } from '../owners';
import { dryRunInput, templateAction, type ActionGround } from './action';
import { nameSchema } from './schemas';

/** Of the newest jobs, how many are looked through for a deletion that an earlier run asked for. */
const searched = 1000;

/** `clusterwright:cluster:delete`: deletes a cluster and waits until nothing of it is left. */
export function deleteAction(ground: ActionGround): TemplateAction {
  const { client } = ground;
  return templateAction(ground, {
    id: 'clusterwright:cluster:delete',
    description: 'Deletes a Kubernetes cluster and waits for the receipt of what is left',
    example: `steps:
  - id: deletion
    action: clusterwright:cluster:delete
    input:
      name: payments-prod
      retain: none
`,
    input: {
      type: 'object', additionalProperties: false, required: ['name'],
      properties: {
        name: nameSchema,
        retain: { type: 'string', enum: ['backups', 'none'], description: 'What is kept; by default what the cluster\'s spec says' },
        cancelRunning: { type: 'boolean', description: 'Whether an unfinished job of the cluster is cancelled first', default: false },
        dryRun: dryRunInput,
      },
    },
    output: {
      leftovers: { type: 'number', title: 'How many things are left that should not be' },
      retained: { type: 'array', title: 'What was kept on purpose, or by the cloud for a time' },
    },
    change: ({ name: given, retain, cancelRunning }) => {
      const name = given as string;
      return {
        name,
        request: { delete: true },
        owners: () => client.cluster(name).then(({ spec }) => [spec.owner ?? unowned], nobodyOfNothing),
        submit: async ({ dryRun, idempotencyKey, again = false }) => {
          try {
            return await client.deleteCluster(name, {
              dryRun, idempotencyKey, ...(retain === 'backups' || retain === 'none' ? { retain } : {}), ...(cancelRunning === true && !dryRun ? { cancelRunning } : {}),
            });
          } catch (error) {
            const earlier = again ? await earlierDeletion(client, name, error) : undefined;
            if (earlier === undefined) throw error;
            return { job: earlier };
          }
        },
      };
    },
    outputs: async (_name, { receipt }) => ({ leftovers: receipt?.leftovers.length ?? 0, retained: receipt?.retained ?? [] }),
  });
}

/** A cluster that is gone, be it by an earlier run of the step, has no owner to ask for. */
function nobodyOfNothing(error: unknown): string[] {
  if (error instanceof Problem && error.status === 404) return [];
  throw error;
}

/** The deletion that an earlier run of the step asked for, of a cluster that is gone: that has no answer to repeat any more. */
async function earlierDeletion(client: ClusterwrightClient, name: string, refusal: unknown): Promise<Job | undefined> {
  if (!(refusal instanceof Problem) || refusal.status !== 404) return undefined;
  let seen = 0;
  for await (const job of client.jobs({ limit: 200 })) {
    if (job.cluster === name && job.kind === 'delete') return job;
    if (++seen >= searched) return undefined;
  }
  return undefined;
}
