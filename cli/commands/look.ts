import { Command, Option } from 'commander';
import type { Cluster, ClusterExpiries } from '../../client/index.js';
import type { Open } from '../context.js';
import { clusterDetails, clusterList, expiryList } from '../output/cluster.js';
import { formatted, withFormat, type Format } from '../output/format.js';

const states = ['provisioning', 'updating', 'deleting', 'ready', 'hibernated', 'failed', 'needs-repair'] as const satisfies readonly Cluster['state'][];
const providers = ['aws', 'azure'] as const satisfies readonly Cluster['spec']['provider'][];

interface ListOptions {
  readonly provider?: (typeof providers)[number];
  readonly state?: (typeof states)[number];
  readonly owner?: string;
  readonly output: Format;
}

/** `list`: the clusters that the caller may see. */
export function listCommand(open: Open): Command {
  return withFormat(new Command('list').alias('ls').description('list clusters'))
    .addOption(new Option('--provider <provider>', 'only those of a cloud').choices(providers))
    .addOption(new Option('--state <state>', 'only those in a state').choices(states))
    .option('--owner <owner>', 'only those of an owner')
    .action(async ({ output, ...filter }: ListOptions, command: Command) => {
      const { client, signal, print } = open(command);
      const found: Cluster[] = [];
      for await (const cluster of client.clusters({ ...filter, limit: 200, signal })) found.push(cluster);
      print(formatted(output, found, () => clusterList(found, new Date())));
    });
}

/** `get NAME`: a cluster. */
export function getCommand(open: Open): Command {
  return withFormat(new Command('get').description('look at a cluster').argument('<cluster>', 'its name'))
    .action(async (name: string, { output }: { readonly output: Format }, command: Command) => {
      const { client, signal, print } = open(command);
      const cluster = await client.cluster(name, { signal });
      print(formatted(output, cluster, () => clusterDetails(cluster)));
    });
}

/** `expiries`: what ends when, of all clusters that the caller may see. */
export function expiriesCommand(open: Open): Command {
  return withFormat(new Command('expiries').description('see which certificates, tokens, minors of Kubernetes and operating systems end when'))
    .option('--within <days>', 'only what ends within so many days, such as 60d')
    .action(async ({ output, within }: { readonly within?: string; readonly output: Format }, command: Command) => {
      const { client, signal, print } = open(command);
      const found: ClusterExpiries[] = [];
      for await (const cluster of client.expiries({ ...(within === undefined ? {} : { within }), limit: 200, signal })) found.push(cluster);
      print(formatted(output, found, () => expiryList(found)));
    });
}
