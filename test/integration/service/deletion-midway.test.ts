import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { phasesOf } from '../../../model/job.js';
import type { PhaseName } from '../../../model/phases.js';
import { shortRequest } from '../../support/portal.js';
import { useService } from '../../support/use-service.js';

/** A look at the cluster takes some seconds, as often as it is looked at in two phases. */
const slowLook = { kind: 'stall', type: 'ssm:GetParameters', seconds: 5, times: 3 };
/** What keeps a creation in a phase that it would pass too quickly to be met in; planted when it has come to `from`. */
const holds: Partial<Record<PhaseName, { fault: object; from?: PhaseName }>> = {
  preflight: { fault: { kind: 'stall', type: 'sts:GetCallerIdentity', seconds: 5 } },
  infrastructure: { fault: { kind: 'stall', type: 'aws:ec2/natGateway:NatGateway', operation: 'create', seconds: 60 } },
  'control-plane': { fault: slowLook },
  nodes: { fault: slowLook },
  platform: { fault: { kind: 'stall', type: 'kubernetes:helm.sh/v3:Release', operation: 'create', seconds: 60 } },
  verify: { fault: slowLook, from: 'platform' },
};

/** Clusters whose creation never gets to its end: cancelled in earlier phases and tried again each time, deleted in a later one. */
const lives: readonly { earlier: readonly PhaseName[]; last: PhaseName }[] = [
  { earlier: [], last: 'preflight' },
  { earlier: ['infrastructure'], last: 'platform' },
  { earlier: ['control-plane'], last: 'nodes' },
  { earlier: [], last: 'verify' },
];

const { portal } = useService();

/** Waits until a job has come to a phase; false when it has passed it, or ended. */
async function comesTo(id: string, phase: PhaseName): Promise<boolean> {
  const order = phasesOf.create;
  for (;;) {
    const job = await portal.job(id);
    const at = order.findIndex((name) => name === job.phase);
    if (job.state === 'running' && job.phase === phase) return true;
    if (['succeeded', 'failed', 'cancelled'].includes(job.state) || at > order.indexOf(phase)) return false;
    await wait(30);
  }
}

/** Begins a creation and answers its job when it is in the phase, and stays there for some seconds. */
async function heldIn(phase: PhaseName, begin: () => Promise<string>): Promise<string> {
  const hold = holds[phase];
  if (hold !== undefined && hold.from === undefined) await portal.plantFault(hold.fault);
  const id = await begin();
  if (hold?.from !== undefined && (await comesTo(id, hold.from))) await portal.plantFault(hold.fault);
  expect(await comesTo(id, phase)).toBe(true);
  await portal.clearFaults();
  return id;
}

describe('a deletion in the middle of a creation', () => {
  it.each(lives)('cancels it in the phase $last and leaves nothing, nor of what was cancelled before in $earlier', async ({ earlier, last }) => {
    const name = `mid-${last}`;
    let begin = (): Promise<string> => portal.submit('POST', '/clusters', shortRequest(name));
    for (const phase of earlier) {
      const cancelled = await heldIn(phase, begin);
      expect((await portal.send('POST', `/jobs/${cancelled}/cancel`)).status).toBe(202);
      expect(await portal.ended(cancelled)).toMatchObject({ state: 'cancelled' });
      begin = () => portal.submit('POST', `/jobs/${cancelled}/retry`);
    }
    const creation = await heldIn(last, begin);

    const deletion = await portal.change('DELETE', `/clusters/${name}?cancelRunning=true&retain=none`);

    // What was done before the cancellation took hold counts: a creation can end in its last phase.
    expect(last === 'verify' ? ['cancelled', 'succeeded'] : ['cancelled']).toContain((await portal.job(creation)).state);
    expect(deletion.error).toBeNull();
    expect(deletion.receipt?.leftovers).toEqual([]);
    expect((await portal.inventory(name)).items).toEqual([]);
    expect((await portal.send('GET', `/clusters/${name}`)).status).toBe(404);
  });
});
