import { Command } from 'commander';
import { Unreachable, type ClusterRequest } from '../../client/index.js';
import type { Open } from '../context.js';
import { requestCluster } from '../creation.js';
import { exitCodes } from '../exit-codes.js';
import { CommandFailure } from '../failure.js';
import { readDocument, withPlaces } from '../input/document.js';
import { followJob, withWatch, type ChangeOptions } from './change.js';
import { withInput, type InputOptions } from './input-options.js';

/** `create -f FILE`: asks for a cluster. The same command again goes on with its own first request. */
export function createCommand(open: Open): Command {
  return withWatch(withInput(new Command('create').description('ask for a cluster; the same again goes on where it was left'), 'the cluster that is wanted', true))
    .action(async (options: ChangeOptions & InputOptions, command: Command) => {
      const context = open(command);
      const document = await readDocument(options.file, options.set);
      // What is in the document is for the service to say.
      const job = await withPlaces(document, () => requestCluster(context.client, document.value as ClusterRequest, context.signal).catch((error: unknown) => {
        if (!(error instanceof Unreachable)) throw error;
        throw new CommandFailure(exitCodes.unreachable, `${error.message}.`, 'Whether the request arrived is not known. Send it again when the service answers: nothing is made twice.');
      }));
      await followJob(context, job, options);
    });
}
