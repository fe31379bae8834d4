import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { phasesOf } from '../../../model/job.js';
import type { PhaseName } from '../../../model/phases.js';
import { shortRequest } from '../../support/portal.js';
import { useService } from '../../support/use-service.js';

/** Each look at what the nodes have published takes as long as it takes to be met in a phase, on a busy machine too. */
const slowLook = { kind: 'stall', type: 'ssm:GetParameters', seconds: 5, times: 1000 };
/** What keeps a creation in a phase that it would pass too quickly to be met in; planted when it has come to `from`. */
const holds: Partial<Record<PhaseName, { fault: object; from?: PhaseName }>> = {
  preflight: { fault: { kind: 'stall', type: 'sts:GetCallerIdentity', seconds: 5, times: 1000 } },
  infrastructure: { fault: { kind: 'stall', type: 'aws:ec2/natGateway:NatGateway', operation: 'create', seconds: 60 } },
  'control-plane': { fault: slowLook },
  nodes: { fault: slowLook, from: 'control-plane' },
  platform: { fault: { kind: 'stall', type: 'kubernetes:helm.sh/v3:Release', operation: 'create', seconds: 20, times: 1000 } },
  verify: { fault: slowLook, from: 'platform' },
};

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

/** Begins a creation and answers its job when it is in the phase, where it stays for some seconds, or until what holds it is taken away. */
async function heldIn(phase: PhaseName, name: string): Promise<string> {
  const hold = holds[phase];
  if (hold === undefined) throw new Error(`nothing keeps a creation in its phase ${phase}`);
  const { fault, from } = hold;
  if (from === undefined) await portal.plantFault(fault);
  const id = await portal.submit('POST', '/clusters', shortRequest(name));
  if (from !== undefined && (await comesTo(id, from))) await portal.plantFault(fault);
  expect(await comesTo(id, phase)).toBe(true);
  return id;
}

describe('a deletion in the middle of a creation', () => {
  it.each(phasesOf.create)('cancels it in the phase %s and leaves nothing', async (phase) => {
    const name = `mid-${phase}`;
    const creation = await heldIn(phase, name);
    const asked = await portal.submit('DELETE', `/clusters/${name}?cancelRunning=true&retain=none`);
    // Not before: a worker hears of a cancellation when it renews its lease, and a creation that nothing holds may have ended by then.
    // In its last phase it may have done all by then, and what was done counts.
    expect(phase === 'verify' ? ['cancelled', 'succeeded'] : ['cancelled']).toContain((await portal.ended(creation)).state);
    await portal.clearFaults();
    const deletion = await portal.ended(asked);

    expect(deletion.error).toBeNull();
    expect(deletion.receipt?.leftovers).toEqual([]);
    expect((await portal.inventory(name)).items).toEqual([]);
    expect((await portal.send('GET', `/clusters/${name}`)).status).toBe(404);
  });
});
