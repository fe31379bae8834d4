import { Command } from 'commander';
import { isFinished, type Job } from '../../client/index.js';
import type { Open } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { CommandFailure } from '../failure.js';
import { formatted, withFormat, type Format } from '../output/format.js';
import { jobDetails, jobList } from '../output/job.js';
import { endOf, failureOf, withTimeout } from './change.js';
import { jobIdOf } from './targets.js';

const target = ['<job>', 'its id, or the cluster that it works on, whose last job is meant then'] as const;

/** `jobs list`, `jobs get JOB` and `jobs watch JOB`. */
export function jobsCommand(open: Open): Command {
  const list = withFormat(new Command('list').alias('ls').description('list jobs, the newest first'))
    .option('--cluster <cluster>', 'only those of a cluster')
    .option('--limit <count>', 'how many at most', limit, 20)
    .action(async (options: { readonly cluster?: string; readonly limit: number; readonly output: Format }, command: Command) => {
      const { client, signal, print } = open(command);
      const query = { limit: Math.min(options.limit, 200), signal };
      const jobs = await first(options.limit, options.cluster === undefined ? client.jobs(query) : client.clusterJobs(options.cluster, query));
      print(formatted(options.output, jobs, () => jobList(jobs)));
    });
  const get = withFormat(new Command('get').description('look at a job').argument(...target))
    .action(async (id: string, { output }: { readonly output: Format }, command: Command) => {
      const context = open(command);
      const job = await context.client.job(await jobIdOf(context, id), { signal: context.signal });
      context.print(formatted(output, job, () => jobDetails(job)));
    });
  const watch = withTimeout(withFormat(new Command('watch').description('show what happens in a job until it has ended').argument(...target)))
    .action(async (id: string, { output, timeout }: { readonly output: Format; readonly timeout?: number }, command: Command) => {
      const context = open(command);
      const job = await context.client.job(await jobIdOf(context, id), { signal: context.signal });
      if (isFinished(job.state)) context.say(`${job.cluster}: job ${job.id} (${job.kind}) has ended already`);
      const ended = await endOf(context, job, timeout);
      if (output !== 'table' || ended.state === 'succeeded') context.print(formatted(output, ended, () => jobDetails(ended)));
      if (ended.state !== 'succeeded') throw failureOf(ended);
    });
  return new Command('jobs').description('what is and was done').helpCommand(false).addCommand(list).addCommand(get).addCommand(watch);
}

function limit(text: string): number {
  if (!/^[1-9][0-9]{0,4}$/.test(text)) throw new CommandFailure(exitCodes.refused, `--limit ${text} is no number from 1 to 99999.`);
  return Number(text);
}

async function first(count: number, jobs: AsyncIterable<Job>): Promise<Job[]> {
  const found: Job[] = [];
  for await (const job of jobs) {
    found.push(job);
    if (found.length === count) break;
  }
  return found;
}
