import { Command, Option } from 'commander';
import type { AccessGrantRequest, ListedAccessGrant } from '../../client/index.js';
import type { Open } from '../context.js';
import { formatDuration } from '../durations.js';
import { formatted, withFormat, type Format } from '../output/format.js';
import { columns } from '../output/table.js';
import { followJob, withWatch, type ChangeOptions } from './change.js';
import { forOption } from './for-option.js';
import { showPlan } from './plan.js';

const roles = ['admin', 'operator', 'developer', 'viewer'] as const satisfies readonly AccessGrantRequest['role'][];

interface GrantOptions extends ChangeOptions {
  readonly group: string;
  readonly role: (typeof roles)[number];
  readonly namespace?: readonly string[];
  readonly for: number;
  readonly reason: string;
  readonly dryRun?: boolean;
}

/** `grant CLUSTER`: gives a group access until a time. What can keep it from having its effect goes to standard error. */
export function grantCommand(open: Open): Command {
  return withWatch(new Command('grant').description('give a group access to a cluster until a time').argument('<cluster>', 'its name'))
    .requiredOption('--group <id>', 'object id of the Entra group')
    .addOption(new Option('--role <role>', 'what it may do').choices(roles).makeOptionMandatory())
    .option('--namespace <names...>', 'where, for developer and viewer')
    .addOption(forOption())
    .requiredOption('--reason <text>', 'why; everybody who may see the cluster sees it')
    .option('--dry-run', 'only show what would change')
    .action(async (name: string, { group, role, namespace, for: milliseconds, reason, dryRun, ...options }: GrantOptions, command: Command) => {
      const context = open(command);
      const until = new Date(Date.now() + milliseconds).toISOString();
      const { job, grant, warnings } = await context.client.grantAccess(name, { group, role, until, reason, ...(namespace === undefined ? {} : { namespaces: [...namespace] }) }, { ...(dryRun === true ? { dryRun } : {}), signal: context.signal });
      for (const { detail } of warnings) context.say(`Beware: ${detail}`);
      if (dryRun === true) return showPlan(context, job, [`${grant.group} would be ${role} until ${grant.until}`], options);
      context.say(`${name}: ${grant.group} is ${role} until ${grant.until}, by the grant ${grant.id}`);
      await followJob(context, job, options);
    });
}

/** `grants CLUSTER`: who has access until when. */
export function grantsCommand(open: Open): Command {
  return withFormat(new Command('grants').description('list who has access to a cluster until when').argument('<cluster>', 'its name'))
    .action(async (name: string, { output }: { readonly output: Format }, command: Command) => {
      const { client, signal, print } = open(command);
      const grants = await client.accessGrants(name, { signal });
      print(formatted(output, grants, () => grantList(grants, new Date())));
    });
}

function grantList(grants: readonly ListedAccessGrant[], now: Date): string {
  return columns(['grant', 'group', 'role', 'where', 'until', 'left', 'by', 'reason'], grants.map(({ id, group, role, namespaces, until, expired, grantedBy, reason }) => [
    id, group, role, namespaces?.join(',') ?? 'cluster', until, expired ? 'over' : formatDuration(Date.parse(until) - now.getTime()), grantedBy, reason,
  ]));
}

/** `revoke CLUSTER GRANT`: takes access away before its time. */
export function revokeCommand(open: Open): Command {
  return withWatch(new Command('revoke').description('take temporary access away before its time').argument('<cluster>', 'its name').argument('<grant>', 'its id'))
    .action(async (name: string, id: string, options: ChangeOptions, command: Command) => {
      const context = open(command);
      const { job } = await context.client.revokeAccess(name, id, { signal: context.signal });
      await followJob(context, job, options);
    });
}
