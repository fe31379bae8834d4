import { Command, Option } from 'commander';
import type { BackupRequest, RestoreRequest } from '../../client/index.js';
import { confirmed } from '../confirmation.js';
import type { Open } from '../context.js';
import { backupList } from '../output/backups.js';
import { formatted, withFormat, type Format } from '../output/format.js';
import { followJob, withWatch, type ChangeOptions } from './change.js';

/** `backup CLUSTER`: saves etcd now, or what is asked for. */
export function backupCommand(open: Open): Command {
  return withWatch(new Command('backup').description('save a cluster now').argument('<cluster>', 'its name'))
    .addOption(new Option('--of <what...>', 'what to save: objects are saved by Velero, with the files of volumes; without it etcd').choices(['etcd', 'objects']))
    .action(async (name: string, { of, ...options }: ChangeOptions & Pick<BackupRequest, 'of'>, command: Command) => {
      const context = open(command);
      const { job } = await context.client.saveCluster(name, of === undefined ? {} : { of }, { signal: context.signal });
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

interface RestoreOptions extends ChangeOptions {
  readonly from: string;
  readonly sourceCluster?: string;
  readonly namespace?: readonly string[];
  readonly existing?: RestoreRequest['existing'];
  readonly yes?: boolean;
}

/** `restore CLUSTER --from BACKUP`: takes it back, or brings objects back, after its name was typed or with `--yes`. */
export function restoreCommand(open: Open): Command {
  return withWatch(new Command('restore').description('take a cluster back to a backup of etcd, or bring objects back from one of Velero\'s').argument('<cluster>', 'its name'))
    .requiredOption('--from <backup>', 'its id, as "backups" lists it')
    .option('--source-cluster <cluster>', 'whose backup it is, where it is another cluster\'s')
    .option('--namespace <names...>', 'what to bring back; without it the namespaces that both specs have')
    .addOption(new Option('--existing <what>', 'what becomes of objects that are there; without it they are kept').choices(['keep', 'update']))
    .option('-y, --yes', 'do not ask for the name to be typed')
    .action(async (name: string, { from, sourceCluster, namespace, existing, yes, ...options }: RestoreOptions, command: Command) => {
      const context = open(command);
      if (yes !== true) await confirmed(context, name, warningOf(name, { from, existing }));
      const wanted = { from, ...(sourceCluster === undefined ? {} : { sourceCluster }), ...(namespace === undefined ? {} : { namespaces: [...namespace] }), ...(existing === undefined ? {} : { existing }) };
      const { job } = await context.client.restoreCluster(name, wanted, { signal: context.signal });
      await followJob(context, job, options);
    });
}

function warningOf(name: string, { from, existing }: Pick<RestoreOptions, 'from' | 'existing'>): string {
  if (!from.startsWith('velero/')) return `This takes all objects of the cluster ${name} back to ${from}: what was made since is forgotten.`;
  return `This brings objects back into the cluster ${name} from ${from}: ${existing === 'update' ? 'those that are there become what they were' : 'those that are there are left alone'}.`;
}
