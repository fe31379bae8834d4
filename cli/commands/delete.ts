import { Command, Option } from 'commander';
import { Problem, type Job } from '../../client/index.js';
import { confirmed } from '../confirmation.js';
import type { Context, Open } from '../context.js';
import { followJob, withWatch, type ChangeOptions } from './change.js';
import { showPlan } from './plan.js';

const keeps = ['backups', 'none'] as const;

interface DeleteOptions extends ChangeOptions {
  readonly retain?: (typeof keeps)[number];
  readonly yes?: boolean;
  readonly cancelRunning?: boolean;
  readonly dryRun?: boolean;
}

/** `delete NAME`: deletes a cluster, after its name was typed or with `--yes`. */
export function deleteCommand(open: Open): Command {
  return withWatch(new Command('delete').description('delete a cluster').argument('<cluster>', 'its name'))
    .addOption(new Option('--retain <what>', 'what is kept; without it what the spec says').choices(keeps))
    .option('-y, --yes', 'do not ask for the name to be typed')
    .option('--cancel-running', 'cancel the unfinished job first')
    .option('--dry-run', 'show what would be deleted; nothing is')
    .action(async (name: string, options: DeleteOptions, command: Command) => {
      const context = open(command);
      const { client, signal } = context;
      const { retain, yes, cancelRunning, dryRun } = options;
      const wanted = { ...(retain === undefined ? {} : { retain }), signal };
      if (dryRun === true) {
        const { job } = await client.deleteCluster(name, { ...wanted, dryRun });
        return showPlan(context, job, [`${name} would be deleted`], options);
      }
      if (yes !== true) {
        const { spec, nodes } = await client.cluster(name, { signal });
        await confirmed(context, name, `This deletes the cluster ${name} of ${spec.owner} (${spec.provider} ${spec.region}, ${nodes.controlPlane + nodes.workers} nodes) with all that runs in it.`);
      }
      const job = await client.deleteCluster(name, { ...wanted, ...(cancelRunning === true ? { cancelRunning } : {}) }).then((answer) => answer.job, (error: unknown) => ownDeletion(context, error));
      await followJob(context, job, options);
    });
}

/** A deletion that runs already is the one that is asked for. Throws the error where another job stands in the way. */
async function ownDeletion({ client, signal }: Context, error: unknown): Promise<Job> {
  if (!(error instanceof Problem) || error.code !== 'operation-in-progress' || error.job === undefined) throw error;
  const job = await client.job(error.job, { signal });
  if (job.kind !== 'delete') throw error;
  return job;
}
