import { Command } from 'commander';
import { grantCommand, grantsCommand, revokeCommand } from './commands/access-grants.js';
import { cancelCommand, repairCommand, retryCommand, rotateCommand } from './commands/again.js';
import { backupCommand, backupsCommand, restoreCommand } from './commands/backups.js';
import { completeCommand, completionCommand } from './commands/completion.js';
import { createCommand } from './commands/create.js';
import { deleteCommand } from './commands/delete.js';
import { acceptDriftCommand, driftCommand, ignoreDriftCommand, noticeDriftCommand } from './commands/drift.js';
import { drillCommand, drillsCommand } from './commands/drills.js';
import { hibernateCommand, wakeCommand } from './commands/hibernation.js';
import { jobsCommand } from './commands/jobs.js';
import { kubeconfigCommand } from './commands/kubeconfig.js';
import { expiriesCommand, getCommand, listCommand } from './commands/look.js';
import { planCommand } from './commands/plan.js';
import { loginCommand, logoutCommand } from './commands/sign-in.js';
import { templatesCommand } from './commands/templates.js';
import { scaleCommand, updateCommand } from './commands/update.js';
import { upgradeCommand } from './commands/upgrade.js';
import { openContext } from './context.js';
import { packageVersion } from './package-version.js';

/** The command line. @param signal aborts with the first Ctrl-C */
export function createProgram(signal: AbortSignal): Command {
  const program = new Command('clusterwright')
    .description('Kubernetes clusters as a service: ask for them, follow what is done, change and delete them.')
    .option('--url <url>', 'of the service; CLUSTERWRIGHT_URL, or http://127.0.0.1:8080 without it')
    .version(packageVersion(), '--version', 'print the version')
    .showHelpAfterError('(--help has what can be given)')
    .addHelpText('after', '\nEnds with 0 when done, 1 on a fault, 2 on wrong input, 3 when the job failed, 4 when the time was over,\n5 when things are not as expected, 6 without the right to, 7 when the service does not answer, 8 when drift --check finds any.')
    .exitOverride();
  const open = openContext(signal);
  const commands = [
    createCommand(open), planCommand(open), listCommand(open), getCommand(open), expiriesCommand(open), scaleCommand(open), updateCommand(open), deleteCommand(open),
    jobsCommand(open), cancelCommand(open), retryCommand(open), repairCommand(open), upgradeCommand(open), backupCommand(open), backupsCommand(open), restoreCommand(open), drillCommand(open), drillsCommand(open), driftCommand(open), acceptDriftCommand(open), ignoreDriftCommand(open), noticeDriftCommand(open), grantCommand(open), grantsCommand(open), revokeCommand(open), rotateCommand(open), hibernateCommand(open), wakeCommand(open), kubeconfigCommand(open), templatesCommand(open), loginCommand(open), logoutCommand(open),
    completionCommand(), new Command('version').description('print the version').action(() => void process.stdout.write(`${packageVersion()}\n`)),
  ];
  for (const command of commands) program.addCommand(command);
  program.addCommand(completeCommand(program, open), { hidden: true });
  settle(program);
  return program;
}

/** Commands that were made by themselves take over how their parent treats errors. */
function settle(parent: Command): void {
  for (const command of parent.commands) {
    command.copyInheritedSettings(parent);
    settle(command);
  }
}
