import { Command } from 'commander';
import type { Upgrade, UpgradeReadiness } from '../../client/index.js';
import type { Open } from '../context.js';
import { formatted } from '../output/format.js';
import { columns } from '../output/table.js';
import { endOf, failureOf, followJob, withWatch, withWindow, type ChangeOptions, type WindowOptions } from './change.js';

/** `upgrade CLUSTER VERSION`: replaces every machine by one of the next minor. With `--check` it is only looked at what stands in the way. */
export function upgradeCommand(open: Open): Command {
  return withWindow(withWatch(new Command('upgrade').description('bring a cluster to the next minor of Kubernetes, machine by machine; again, it goes on where it was stopped')
    .argument('<cluster>', 'its name').argument('<version>', 'the minor to go to, such as 1.36').option('--check', 'only look at what stands in the way')))
    .action(async (name: string, version: string, { check, urgent, when, ...options }: ChangeOptions & WindowOptions & { readonly check?: boolean }, command: Command) => {
      const context = open(command);
      const { client, signal } = context;
      // The service says which versions there are.
      const { job } = await client.upgradeCluster(name, { kubernetesVersion: version as Upgrade['kubernetesVersion'] }, { dryRun: check === true, urgent: urgent === true, when, signal });
      if (check !== true) return followJob(context, job, options);
      const ended = await endOf(context, job, options.timeout);
      if (ended.state !== 'succeeded') throw failureOf(ended);
      const readiness = await client.upgradeReadiness(name, { signal });
      context.print(formatted(options.output, readiness, () => checkRows(readiness)));
    });
}

function checkRows({ checks }: UpgradeReadiness): string {
  return columns(['check', 'state', 'found', 'hint'], checks.map(({ check, state, detail, hint }) => [check, state, detail, hint ?? '']));
}
