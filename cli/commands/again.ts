import { Argument, Command } from 'commander';
import type { Rotation } from '../../client/index.js';
import type { Open } from '../context.js';
import { formatted, withFormat, type Format } from '../output/format.js';
import { properties } from '../output/table.js';
import { followJob, withWatch, withWindow, type ChangeOptions, type WindowOptions } from './change.js';
import { jobIdOf } from './targets.js';

/** `cancel JOB|CLUSTER`: ends an unfinished job, and tells what it leaves. */
export function cancelCommand(open: Open): Command {
  return withFormat(new Command('cancel').description('end an unfinished job').argument('<job>', 'its id, or the cluster that it works on'))
    .option('--force', 'kill it when the grace period has passed; the cluster needs a repair then')
    .action(async (job: string, { force, output }: { readonly force?: boolean; readonly output: Format }, command: Command) => {
      const context = open(command);
      const { client, signal, print } = context;
      const answer = await client.cancelJob(await jobIdOf(context, job), { ...(force === true ? { force } : {}), signal });
      print(formatted(output, answer, () => properties([
        ['job', `${answer.job.id} is ${answer.job.state}`],
        ...(answer.remains.clusterState === null ? [] : [['cluster', `comes to be ${answer.remains.clusterState}`] as const]),
        ['remains', answer.remains.detail],
        ...answer.remains.next.map(({ call, does }): [string, string] => ['then', `${asCommand(call)}: ${does}`]),
      ])));
    });
}

/** A call of the API in the words of this command line. */
function asCommand(call: string): string {
  return [
    [/^POST \/jobs\/([^/]+)\/retry$/, 'clusterwright retry $1'], [/^POST \/jobs\/([^/]+)\/cancel .*$/, 'clusterwright cancel $1 --force'], [/^GET \/jobs\/([^/]+)$/, 'clusterwright jobs watch $1'],
    [/^POST \/clusters\/([^/]+)\/repair$/, 'clusterwright repair $1'], [/^DELETE \/clusters\/([^/]+)$/, 'clusterwright delete $1'],
  ].reduce((text, [pattern = '', command = '']) => text.replace(pattern, String(command)), call);
}

/** `retry JOB`: the same once more, after it has failed or was cancelled. */
export function retryCommand(open: Open): Command {
  return withWatch(new Command('retry').description('try a failed or cancelled job once more, on what is there').argument('<job>', 'its id, or the cluster that it worked on'))
    .action(async (id: string, options: ChangeOptions, command: Command) => {
      const context = open(command);
      const { job } = await context.client.retryJob(await jobIdOf(context, id), { signal: context.signal });
      await followJob(context, job, options);
    });
}

/** `repair CLUSTER`: settles what is in doubt and provisions on. */
export function repairCommand(open: Open): Command {
  return withWatch(new Command('repair').description('settle what is in doubt about a cluster and provision on').argument('<cluster>', 'its name'))
    .action(async (name: string, options: ChangeOptions, command: Command) => {
      const context = open(command);
      const { job } = await context.client.repairCluster(name, { signal: context.signal });
      await followJob(context, job, options);
    });
}

const rotations = ['leaf', 'encryption-key', 'service-account-key', 'ca'] as const satisfies readonly Rotation['what'][];
const rotationPhases = ['begin', 'finish'] as const satisfies readonly NonNullable<Rotation['phase']>[];

/** `rotate CLUSTER WHAT [PHASE]`: makes certificates, keys or authorities anew. */
export function rotateCommand(open: Open): Command {
  return withWindow(withWatch(new Command('rotate').description('make certificates, keys or authorities of a cluster anew').argument('<cluster>', 'its name')))
    .addArgument(new Argument('<what>', 'leaf: all certificates of the control planes; encryption-key: the key of what etcd holds; service-account-key: the key of service accounts\' tokens; ca: the authorities, both in two phases').choices(rotations))
    .addArgument(new Argument('[phase]', 'of ca: begin, and finish when everybody has a new kubeconfig; of service-account-key: begin, and finish an hour later').choices(rotationPhases))
    .action(async (name: string, what: Rotation['what'], phase: Rotation['phase'], { urgent, when, ...options }: ChangeOptions & WindowOptions, command: Command) => {
      const context = open(command);
      const { job } = await context.client.rotateCluster(name, phase === undefined ? { what } : { what, phase }, { urgent: urgent === true, when, signal: context.signal });
      await followJob(context, job, options);
    });
}
