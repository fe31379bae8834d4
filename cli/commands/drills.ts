import { Command, Option } from 'commander';
import type { Drill, DrillRequest } from '../../client/index.js';
import type { Open } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { CommandFailure } from '../failure.js';
import { parseInput, readDocument, withPlaces } from '../input/document.js';
import { drillList, drillReport } from '../output/drills.js';
import { formatted, withFormat, type Format } from '../output/format.js';
import { followJob, withWatch, type ChangeOptions } from './change.js';
import { withInput, type InputOptions } from './input-options.js';

/** A report is of so many days. */
const reportDays = 366;

/** `drill CLUSTER`: tries a restore of its newest backup, beside the cluster or in one that is made for it. */
export function drillCommand(open: Open): Command {
  const command = new Command('drill').description('try a restore of the newest backup').argument('<cluster>', 'its name')
    .addOption(new Option('--of <what>', 'etcd, beside the cluster; or the whole cluster, in another one that is made for it and deleted again').choices(['etcd', 'cluster']).default('etcd'));
  return withWatch(withInput(command, 'with --of cluster: what of the other cluster is to be different, such as its region', false))
    .action(async (name: string, { of, file, set = [], ...options }: ChangeOptions & Partial<InputOptions> & { readonly of: 'etcd' | 'cluster' }, self: Command) => {
      const context = open(self);
      if (of === 'etcd' && (file !== undefined || set.length > 0)) throw new CommandFailure(exitCodes.refused, '-f and --set are for --of cluster only.');
      const document = file === undefined ? parseInput('{}', '--set', set) : await readDocument(file, set);
      const wanted: DrillRequest = of === 'etcd' ? { of } : { of, in: { ...document.value } };
      // Faults are told of `/in/…`, which is the document.
      const within = { ...document, place: (pointer: string) => (pointer.startsWith('/in') ? document.place(pointer.slice('/in'.length)) : undefined) };
      const { job } = await withPlaces(within, () => context.client.startDrill(name, wanted, { signal: context.signal }));
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
