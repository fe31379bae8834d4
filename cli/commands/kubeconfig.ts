import { Command } from 'commander';
import type { Open } from '../context.js';
import { exitCodes } from '../exit-codes.js';
import { CommandFailure } from '../failure.js';
import { writePrivately } from '../private-file.js';

/** `kubeconfig CLUSTER`: what kubectl needs to reach a cluster. People sign in by it; there is no secret in it. */
export function kubeconfigCommand(open: Open): Command {
  return new Command('kubeconfig').description('print what kubectl needs to reach a cluster').argument('<cluster>', 'its name')
    .option('-o, --output <file>', 'write it to a file that only you can read')
    .option('--force', 'also where that file is there already')
    .action(async (name: string, { output, force }: { readonly output?: string; readonly force?: boolean }, command: Command) => {
      const { client, signal, print, say } = open(command);
      const kubeconfig = await client.kubeconfig(name, { signal });
      if (output === undefined) return print(kubeconfig);
      await writePrivately(output, kubeconfig, { replace: force === true }).catch((error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === 'EEXIST') throw new CommandFailure(exitCodes.refused, `${output} is there already.`, 'Choose another file, or say --force: what is in it is lost then.');
        throw new CommandFailure(exitCodes.refused, `${output} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
      });
      say(`Use it with: kubectl --kubeconfig ${output} get nodes`);
    });
}
