import { Command } from 'commander';
import type { Drill } from '../../client/index.js';
import type { Open } from '../context.js';
import { drillList, drillReport } from '../output/drills.js';
import { formatted, withFormat, type Format } from '../output/format.js';
import { followJob, withWatch, type ChangeOptions } from './change.js';

/** A report is of so many days. */
const reportDays = 366;

/** `drill CLUSTER`: tries a restore of its newest backup, beside the cluster. */
export function drillCommand(open: Open): Command {
  return withWatch(new Command('drill').description('try a restore of the newest backup, beside the cluster').argument('<cluster>', 'its name'))
    .action(async (name: string, options: ChangeOptions, command: Command) => {
      const context = open(command);
      const { job } = await context.client.startDrill(name, { signal: context.signal });
      await followJob(context, job, options);
    });
}

/** `drills CLUSTER`: the restores that were tried within a year, the newest first; with `--report` as a page of Markdown. */
export function drillsCommand(open: Open): Command {
  return withFormat(new Command('drills').description('list the restores that were tried within a year, the newest first').argument('<cluster>', 'its name')
    .option('--report', 'write a page of Markdown about them'))
    .action(async (name: string, { output, report }: { readonly output: Format; readonly report?: boolean }, command: Command) => {
      const { client, signal, print } = open(command);
      const now = new Date();
      const drills: Drill[] = [];
      for await (const drill of client.drills(name, { signal })) {
        if (now.getTime() - Date.parse(drill.requestedAt) > reportDays * 86_400_000) break;
        drills.push(drill);
      }
      print(report === true ? drillReport(name, drills, now) : formatted(output, drills, () => drillList(drills)));
    });
}
