import { Command } from 'commander';
import type { ClusterPatch, ClusterRequest, Job } from '../../client/index.js';
import type { Context, Open } from '../context.js';
import { existing } from '../creation.js';
import { readDocument, withPlaces } from '../input/document.js';
import { formatted, withFormat, type Format } from '../output/format.js';
import { changedFields, planRows } from '../output/plan.js';
import { properties } from '../output/table.js';
import { endOf, failureOf, withTimeout } from './change.js';
import { withInput, type InputOptions } from './input-options.js';

/** `plan -f FILE`: what a creation would make, or what would change in a cluster that is there. Nothing changes by it. */
export function planCommand(open: Open): Command {
  return withTimeout(withFormat(withInput(new Command('plan').description('show what a document would make or change; nothing changes by it'), 'the cluster that is wanted', true)))
    .action(async (options: InputOptions & { readonly output: Format; readonly timeout?: number }, command: Command) => {
      const context = open(command);
      const { client, signal } = context;
      const document = await readDocument(options.file, options.set);
      const { name } = document.value;
      const cluster = typeof name === 'string' ? await existing(client, name, signal) : undefined;
      const { job } = await withPlaces(document, () => (cluster === undefined
        ? client.createCluster(document.value as ClusterRequest, { dryRun: true, signal })
        : client.updateCluster(cluster.name, document.value as ClusterPatch, { dryRun: true, signal })));
      const fields = cluster === undefined ? [`${job.cluster} would be created`] : changedFields(cluster.spec, document.value);
      await showPlan(context, job, cluster !== undefined && fields.length === 0 ? ['the spec stays as it is'] : fields, options);
    });
}

/** Waits for a preview and prints its plan. @param fields what it is the plan of, in words */
export async function showPlan(context: Context, preview: Job, fields: readonly string[], { output, timeout }: { readonly output: Format; readonly timeout?: number }): Promise<void> {
  const job = await endOf(context, preview, timeout);
  if (job.state !== 'succeeded' || !job.plan) throw failureOf(job);
  const { plan } = job;
  context.print(formatted(output, plan, () => properties([...fields.map((field) => ['spec', field] as const), ...planRows(plan)])));
}
