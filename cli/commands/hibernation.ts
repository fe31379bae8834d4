import { Command } from 'commander';
import type { ClusterwrightClient } from '../../client/index.js';
import type { Open } from '../context.js';
import { followJob, withWatch, type ChangeOptions } from './change.js';
import { showPlan } from './plan.js';

/** `hibernate CLUSTER`: switches its machines off. With `--plan` it is only shown what it costs then. */
export function hibernateCommand(open: Open): Command {
  return switching(open, new Command('hibernate').description('switch the machines of a cluster off; the disks of its control planes stay'), 'hibernateCluster', 'the machines would be switched off');
}

/** `wake CLUSTER`: switches them on again. */
export function wakeCommand(open: Open): Command {
  return switching(open, new Command('wake').description('switch the machines of a cluster on again'), 'wakeCluster', 'the machines would be switched on');
}

function switching(open: Open, named: Command, call: keyof Pick<ClusterwrightClient, 'hibernateCluster' | 'wakeCluster'>, planned: string): Command {
  return withWatch(named.argument('<cluster>', 'its name').option('--plan', 'only show what the cluster would cost'))
    .action(async (name: string, { plan, ...options }: ChangeOptions & { readonly plan?: boolean }, command: Command) => {
      const context = open(command);
      const { job } = await context.client[call](name, { dryRun: plan === true, signal: context.signal });
      await (plan === true ? showPlan(context, job, [planned], options) : followJob(context, job, options));
    });
}
