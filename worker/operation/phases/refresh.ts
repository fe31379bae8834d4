import type { Phase } from '../context.js';
import { infrastructureProgram } from '../programs.js';
import { sinkOf } from '../sink.js';

/** Reads what exists into the state of the infrastructure: what somebody has deleted or changed by hand is then made again by the next phase. */
export const refresh: Phase = {
  limitMs: 30 * 60_000,
  async run(context, signal) {
    if (context.states.infrastructure === undefined) return;
    await context.stacks.infrastructure.refresh(await infrastructureProgram(context, false), { sink: sinkOf(context), signal });
  },
};
