import { Command } from 'commander';
import type { ClusterPatch } from '../../client/index.js';
import type { Open } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { CommandFailure } from '../failure.js';
import { parseInput, readDocument, withPlaces } from '../input/document.js';
import { followJob, withWatch, type ChangeOptions } from './change.js';
import { withInput, type InputOptions } from './input-options.js';

/** `update NAME -f FILE`: changes the spec of a cluster by a merge patch. */
export function updateCommand(open: Open): Command {
  const command = new Command('update').description('change a cluster: fields that are given replace those of its spec, lists whole').argument('<cluster>', 'its name');
  return withWatch(withInput(command, 'the fields to change', false))
    .option('--allow-data-loss', 'also where the data of an add-on goes with it')
    .action(async (name: string, options: ChangeOptions & Partial<InputOptions> & { readonly allowDataLoss?: boolean }, self: Command) => {
      const { file, set = [], allowDataLoss } = options;
      if (file === undefined && set.length === 0) throw new CommandFailure(exitCodes.refused, 'Nothing is said to change: give -f FILE or --set PATH=VALUE.');
      const context = open(self);
      const document = file === undefined ? parseInput('{}', '--set', set) : await readDocument(file, set);
      const { job } = await withPlaces(document, () => context.client.updateCluster(name, document.value as ClusterPatch, { ...(allowDataLoss === true ? { allowDataLoss } : {}), signal: context.signal }));
      await followJob(context, job, options);
    });
}

/** `scale NAME POOL --min N --max N`: sets the bounds of a node pool. */
export function scaleCommand(open: Open): Command {
  return withWatch(new Command('scale').description('set how many nodes a pool has at least and at most').argument('<cluster>', 'its name').argument('<pool>', 'the node pool\'s name'))
    .option('--min <nodes>', 'nodes at least', count)
    .option('--max <nodes>', 'nodes at most', count)
    .action(async (name: string, pool: string, options: ChangeOptions & { readonly min?: number; readonly max?: number }, command: Command) => {
      const { min, max } = options;
      if (min === undefined && max === undefined) throw new CommandFailure(exitCodes.refused, 'Nothing is said to change: give --min, --max or both.');
      const context = open(command);
      const { client, signal } = context;
      const { version, spec } = await client.cluster(name, { signal });
      if (!spec.nodePools.some((one) => one.name === pool)) {
        throw new CommandFailure(exitCodes.refused, `The cluster ${name} has no node pool "${pool}"; it has: ${spec.nodePools.map((one) => one.name).join(', ')}.`);
      }
      const nodePools = spec.nodePools.map((one) => (one.name === pool ? { ...one, ...(min === undefined ? {} : { minNodes: min }), ...(max === undefined ? {} : { maxNodes: max }) } : one));
      // Lists are replaced whole, so nobody else may have changed them since.
      const { job } = await client.updateCluster(name, { nodePools }, { ifMatch: version, signal });
      await followJob(context, job, options);
    });
}

function count(text: string): number {
  if (!/^[0-9]{1,6}$/.test(text)) throw new CommandFailure(exitCodes.refused, `${text} is no number of nodes.`);
  return Number(text);
}
