import type { Phase } from '../context.js';
import { platformProgram } from '../programs.js';
import { settledPlatform } from '../settle/platform.js';
import { filled, sinkOf } from '../sink.js';
import { refreshPlatform } from './refresh.js';

/** Makes what lies in Kubernetes what the spec asks for. It begins while nodes still join: without its network none of them becomes Ready. */
export const platform: Phase = {
  limitMs: 60 * 60_000,
  beginsWith: 'nodes',
  async run(context, signal) {
    await context.platformReady;
    // The state may know what was made after the backup; and a namespace that is to be filled again may have been deleted by hand.
    if (context.lost || context.job.kind === 'restore-objects') await refreshPlatform(context, signal);
    const program = await platformProgram(context, filled(context.outputs, 'the infrastructure\'s outputs'), filled(context.connection, 'the connection'), filled(context.nodesJoined, 'the wait for the nodes'));
    const settled = context.doubts.platform ? await settledPlatform(context, program) : program;
    await context.stacks.platform.up(settled, { sink: sinkOf(context), signal });
  },
};
