import type { Phase } from '../context.js';
import { infrastructureProgram } from '../programs.js';
import { sinkOf } from '../sink.js';

/**
 * Destroys the infrastructure and removes its stack. The program runs, so that credentials come from the accounts file of today and not from
 * the state, and so that what is to be kept is marked as such.
 */
export const destroyInfrastructure: Phase = {
  limitMs: 60 * 60_000,
  async run(context, signal) {
    const { stacks, states, job, uid, cloud } = context;
    if (states.infrastructure !== undefined) {
      const program = await infrastructureProgram(context, job.intent.retain === 'backups');
      await stacks.infrastructure.destroy(program, states.infrastructure.resources.length, { sink: sinkOf(context), signal });
      await stacks.infrastructure.remove({ force: false });
    }
    // The nodes wrote them, so no stack deletes them; and only now is there no node any more that could write them again.
    await cloud.forgetSecrets(uid);
  },
};
