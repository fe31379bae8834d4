import { Command } from 'commander';
import type { Drift } from '../../client/index.js';
import type { Open } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { CommandFailure } from '../failure.js';
import { formatted, withFormat } from '../output/format.js';
import { columns } from '../output/table.js';
import { endOf, failureOf, withTimeout, type ChangeOptions } from './change.js';

type Report = NonNullable<Drift['report']>;

/** `drift CLUSTER`: compares what is there with what should be, and lists what differs. With `--check` it ends with a code of its own where anything does. */
export function driftCommand(open: Open): Command {
  return withTimeout(withFormat(new Command('drift').description('compare what is there of a cluster with what should be')
    .argument('<cluster>', 'its name').option('--check', 'end with 8 where anything differs or could not be looked at')))
    .action(async (name: string, { check, timeout, output }: ChangeOptions & { readonly check?: boolean }, command: Command) => {
      const context = open(command);
      const { client, signal } = context;
      const { job } = await client.checkDrift(name, { signal });
      const ended = await endOf(context, job, timeout);
      if (ended.state !== 'succeeded') throw failureOf(ended);
      const { report } = await client.drift(name, { signal });
      if (report === null) throw new CommandFailure(exitCodes.unexpected, `The service has no report of ${name}.`);
      context.print(formatted(output, report, () => driftRows(report)));
      if (check === true && report.findings.length + report.unchecked.length > 0) {
        throw new CommandFailure(exitCodes.drift, `${name}: ${report.findings.length} found, ${report.unchecked.length} not looked at.`, report.findings.length > 0 ? `Put it right with: clusterwright repair ${name}` : undefined);
      }
    });
}

function driftRows({ findings, unchecked }: Report): string {
  const rows = [
    ...findings.map(({ layer, resource, property, expected, seen }) => [layer, resource, property ?? '', expected, seen]),
    ...unchecked.map(({ layer, resource, reason }) => [layer, resource, '', '', `not looked at: ${reason}`]),
  ];
  return rows.length === 0 ? 'nothing differs' : columns(['layer', 'resource', 'property', 'expected', 'seen'], rows);
}
