import { Command } from 'commander';
import type { Drift } from '../../client/index.js';
import type { Open } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { CommandFailure } from '../failure.js';
import { formatted, withFormat } from '../output/format.js';
import { columns } from '../output/table.js';
import { endOf, failureOf, followJob, withTimeout, withWatch, type ChangeOptions } from './change.js';
import { forOption } from './for-option.js';

type Report = NonNullable<Drift['report']>;

/** `drift CLUSTER`: compares what is there with what should be, and lists what differs. With `--check` it ends with a code of its own where anything does. */
export function driftCommand(open: Open): Command {
  return withTimeout(withFormat(new Command('drift').description('compare what is there of a cluster with what should be')
    .argument('<cluster>', 'its name').option('--check', 'end with 8 where anything differs that is neither accepted nor left aside, or could not be looked at')))
    .action(async (name: string, { check, timeout, output }: ChangeOptions & { readonly check?: boolean }, command: Command) => {
      const context = open(command);
      const { client, signal } = context;
      const { job } = await client.checkDrift(name, { signal });
      const ended = await endOf(context, job, timeout);
      if (ended.state !== 'succeeded') throw failureOf(ended);
      const { report, accepted, ignored } = await client.drift(name, { signal });
      if (report === null) throw new CommandFailure(exitCodes.unexpected, `The service has no report of ${name}.`);
      context.print(formatted(output, report, () => driftRows(report, accepted, ignored)));
      const aside = new Set([...accepted, ...ignored].map(({ finding }) => finding));
      const left = report.findings.filter(({ id }) => !aside.has(id)).length;
      if (check === true && left + report.unchecked.length > 0) {
        throw new CommandFailure(exitCodes.drift, `${name}: ${left} found, ${report.unchecked.length} not looked at.`, left > 0 ? `Put it right with: clusterwright repair ${name}` : undefined);
      }
    });
}

/** `ignore-drift CLUSTER FINDING`: leaves a finding of the last check aside until a time. */
export function ignoreDriftCommand(open: Open): Command {
  return new Command('ignore-drift').description('leave something that the last check for drift found aside for a while')
    .argument('<cluster>', 'its name').argument('<finding>', 'id of the finding, as "drift --output json" has it')
    .addOption(forOption()).requiredOption('--reason <text>', 'why; everybody who may see the cluster sees it')
    .action(async (name: string, finding: string, { for: milliseconds, reason }: { readonly for: number; readonly reason: string }, command: Command) => {
      const { client, signal, say } = open(command);
      const until = new Date(Date.now() + milliseconds).toISOString();
      await client.ignoreDrift(name, { finding, until, reason }, { signal });
      say(`${name}: ${finding} is left aside until ${until}`);
    });
}

/** `accept-drift CLUSTER FINDING`: has the spec say that a finding of the last check is meant. */
export function acceptDriftCommand(open: Open): Command {
  return withWatch(new Command('accept-drift').description('keep something that the last check for drift found as it is')
    .argument('<cluster>', 'its name').argument('<finding>', 'id of the finding, as "drift --output json" has it'))
    .requiredOption('--reason <text>', 'why; everybody who may see the cluster sees it')
    .action(async (name: string, finding: string, { reason, ...options }: ChangeOptions & { readonly reason: string }, command: Command) => {
      const context = open(command);
      const { client, signal } = context;
      const found = (await client.drift(name, { signal })).report?.findings.find(({ id }) => id === finding);
      if (found === undefined) throw new CommandFailure(exitCodes.refused, `The last check of ${name} has not found ${finding}.`);
      if (!found.acceptable) throw new CommandFailure(exitCodes.refused, `${finding} cannot be accepted: the report does not say all that is there. Change the spec, or leave it aside with ignore-drift.`);
      const { job } = await client.updateCluster(name, { drift: { accepted: { [finding]: { seen: found.seen, reason } } } }, { signal });
      await followJob(context, job, options);
    });
}

/** `notice-drift CLUSTER FINDING`: leaves it aside no longer. */
export function noticeDriftCommand(open: Open): Command {
  return new Command('notice-drift').description('leave something that drifted aside no longer').argument('<cluster>', 'its name').argument('<finding>', 'id of the finding')
    .action(async (name: string, finding: string, _options: object, command: Command) => {
      const { client, signal, say } = open(command);
      await client.noticeDrift(name, finding, { signal });
      say(`${name}: ${finding} is not left aside`);
    });
}

function driftRows({ findings, unchecked }: Report, accepted: Drift['accepted'], ignored: Drift['ignored']): string {
  const until = new Map([...ignored.map((one) => [one.finding, one.until] as const), ...accepted.map((one) => [one.finding, 'accepted'] as const)]);
  const rows = [
    ...findings.map(({ id, layer, resource, property, expected, seen }) => [layer, resource, property ?? '', expected, seen, until.get(id) ?? '']),
    ...unchecked.map(({ layer, resource, reason }) => [layer, resource, '', '', `not looked at: ${reason}`, '']),
  ];
  return rows.length === 0 ? 'nothing differs' : columns(['layer', 'resource', 'property', 'expected', 'seen', 'left aside until'], rows);
}
