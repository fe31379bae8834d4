import { Command } from 'commander';
import type { Upgrade, UpgradeReadiness } from '../../client/index.js';
import type { Open } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { CommandFailure } from '../failure.js';
import { formatted } from '../output/format.js';
import { columns } from '../output/table.js';
import { endOf, failureOf, followJob, withWatch, withWindow, type ChangeOptions, type WindowOptions } from './change.js';

interface UpgradeOptions extends ChangeOptions, WindowOptions {
  readonly check?: boolean;
  readonly machineImages?: boolean;
  readonly inPlace?: boolean;
}

/** `upgrade CLUSTER VERSION`: replaces every machine by one of the next minor, or with `--in-place` upgrades each where it is; `upgrade CLUSTER --machine-images`: those that are behind within the minor. With `--check` it is only looked at what stands in the way. */
export function upgradeCommand(open: Open): Command {
  return withWindow(withWatch(new Command('upgrade').description('bring a cluster to the next minor of Kubernetes, or its machines to the current image, machine by machine; again, it goes on where it was stopped')
    .argument('<cluster>', 'its name').argument('[version]', 'the minor to go to, such as 1.36')
    .option('--in-place', 'leave the machines where they are, and upgrade them one at a time')
    .option('--machine-images', 'instead: replace the machines that are not of the current image and release').option('--check', 'only look at what stands in the way')))
    .action(async (name: string, version: string | undefined, { check, machineImages, inPlace, urgent, when, ...options }: UpgradeOptions, command: Command) => {
      const context = open(command);
      const { client, signal } = context;
      const { job } = await client.upgradeCluster(name, wanted(version, { machineImages: machineImages === true, inPlace: inPlace === true }), { dryRun: check === true, urgent: urgent === true, when, signal });
      if (check !== true) return followJob(context, job, options);
      const ended = await endOf(context, job, options.timeout);
      if (ended.state !== 'succeeded') throw failureOf(ended);
      const readiness = await client.upgradeReadiness(name, { signal });
      context.print(formatted(options.output, readiness, () => (machineImages === true ? `${checkRows(readiness)}\n\n${machineRows(readiness)}` : checkRows(readiness))));
    });
}

function wanted(version: string | undefined, { machineImages, inPlace }: Required<Pick<UpgradeOptions, 'machineImages' | 'inPlace'>>): Upgrade {
  if ((version === undefined) !== machineImages) throw new CommandFailure(exitCodes.refused, 'Name the minor to go to, or give --machine-images, and not both.');
  if (machineImages && inPlace) throw new CommandFailure(exitCodes.refused, '--in-place is for an upgrade to another minor: a machine keeps its image until it is replaced.');
  // The service says which versions there are.
  return machineImages ? { machineImages: 'current' } : { kubernetesVersion: version as NonNullable<Upgrade['kubernetesVersion']>, ...(inPlace ? { inPlace } : {}) };
}

function checkRows({ checks }: UpgradeReadiness): string {
  return columns(['check', 'state', 'found', 'hint'], checks.map(({ check, state, detail, hint }) => [check, state, detail, hint ?? '']));
}

function machineRows({ machineImages }: UpgradeReadiness): string {
  return columns(['node', 'image', 'of', 'kubernetes', ''], (machineImages?.machines ?? []).map(({ node, image, kubernetesRelease, behind }) =>
    [node, image?.id ?? 'not known', image?.publishedAt?.slice(0, 10) ?? '', kubernetesRelease, behind ? 'to be replaced' : '']));
}
