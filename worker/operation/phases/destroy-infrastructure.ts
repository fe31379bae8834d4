import { setTimeout as wait } from 'node:timers/promises';
import type { Program } from '../../../programs/provider.js';
import type { OperationContext, Phase } from '../context.js';
import { keptSecrets, removeByTag, removeNow } from '../kubernetes-made.js';
import { infrastructureProgram } from '../programs.js';
import { sinkOf } from '../sink.js';

/** What the cluster's controllers make while they are still alive is looked for this often, in milliseconds. */
const sweepMs = 60_000;
/** How often the stack is destroyed anew when something was in the way that is gone now. */
const tries = 4;

/**
 * Destroys the infrastructure and removes its stack. The program runs, so that credentials come from the accounts file of today and not from
 * the state, and so that what is to be kept is marked as such.
 */
export const destroyInfrastructure: Phase = {
  limitMs: 90 * 60_000,
  async run(context, signal) {
    const { stacks, states, job, cloud } = context;
    if (states.infrastructure !== undefined) {
      const program = await infrastructureProgram(context, job.intent.retain === 'backups');
      const { length } = states.infrastructure.resources;
      await destroy(context, program, length, signal);
      // A stack with nothing in the cloud may still hold its record and its provider.
      await stacks.infrastructure.remove({ force: length === 0 });
    }
    // The nodes wrote them, so no stack deletes them; and only now is there no node any more that could write them again.
    await cloud.forgetSecrets(keptSecrets(context));
    // The machines are gone: nothing is in use by them any more, and no controller can make anything anew.
    await removeByTag(context, signal, { disksLater: false });
  },
};

/**
 * Destroys the stack. Controllers that the drain could not stop go on until their machines are gone, and a load balancer of theirs keeps the
 * network from going: they are looked after meanwhile, and once more when the engine has given up.
 */
async function destroy(context: OperationContext, program: Program, expected: number, signal: AbortSignal): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const done = new AbortController();
    const sweeper = sweep(context, AbortSignal.any([signal, done.signal]));
    try {
      await context.stacks.infrastructure.destroy(program, expected, { sink: sinkOf(context), signal });
      return;
    } catch (error) {
      if (signal.aborted || attempt === tries || (await removeNow(context)) === 0) throw error;
    } finally {
      done.abort();
      await sweeper;
    }
  }
}

/** Ends without an error: what it could not do is done, or seen, afterwards. */
async function sweep(context: OperationContext, signal: AbortSignal): Promise<void> {
  try {
    for (;;) {
      await wait(sweepMs, undefined, { signal });
      await removeNow(context);
    }
  } catch {
    return;
  }
}
