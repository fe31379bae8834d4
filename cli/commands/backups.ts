import { Command } from 'commander';
import { confirmed } from '../confirmation.js';
import type { Open } from '../context.js';
import { backupList } from '../output/backups.js';
import { formatted, withFormat, type Format } from '../output/format.js';
import { followJob, withWatch, type ChangeOptions } from './change.js';

/** `backup CLUSTER`: saves etcd now. */
export function backupCommand(open: Open): Command {
  return withWatch(new Command('backup').description('save a cluster now').argument('<cluster>', 'its name'))
    .action(async (name: string, options: ChangeOptions, command: Command) => {
      const context = open(command);
      const { job } = await context.client.saveCluster(name, { signal: context.signal });
      await followJob(context, job, options);
    });
}

/** `backups CLUSTER`: what it can be taken back to. */
export function backupsCommand(open: Open): Command {
  return withFormat(new Command('backups').description('list what a cluster can be taken back to, the newest first').argument('<cluster>', 'its name'))
    .action(async (name: string, { output }: { readonly output: Format }, command: Command) => {
      const { client, signal, print } = open(command);
      const { items } = await client.backups(name, { signal });
      print(formatted(output, items, () => backupList(items)));
    });
}

/** `restore CLUSTER --from BACKUP`: takes it back, after its name was typed or with `--yes`. */
export function restoreCommand(open: Open): Command {
  return withWatch(new Command('restore').description('take a cluster back to a backup').argument('<cluster>', 'its name'))
    .requiredOption('--from <backup>', 'its id, as "backups" lists it')
    .option('-y, --yes', 'do not ask for the name to be typed')
    .action(async (name: string, { from, yes, ...options }: ChangeOptions & { readonly from: string; readonly yes?: boolean }, command: Command) => {
      const context = open(command);
      if (yes !== true) await confirmed(context, name, `This takes all objects of the cluster ${name} back to ${from}: what was made since is forgotten.`);
      const { job } = await context.client.restoreCluster(name, from, { signal: context.signal });
      await followJob(context, job, options);
    });
}
