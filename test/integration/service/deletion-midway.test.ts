import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { phasesOf } from '../../../model/job.js';
import type { PhaseName } from '../../../model/phases.js';
import { shortRequest } from '../../support/portal.js';
import { useService } from '../../support/use-service.js';

/**
 * What holds a creation in a phase until the deletion comes, where the phase would pass too quickly to be met; planted when the creation has come to
 * `from`. Waiting for machines takes its time by itself.
 */
const holds: Partial<Record<PhaseName, { fault: object; from?: PhaseName }>> = {
  preflight: { fault: { kind: 'stall', type: 'sts:GetCallerIdentity', seconds: 5 } },
  infrastructure: { fault: { kind: 'stall', type: 'aws:ec2/natGateway:NatGateway', operation: 'create', seconds: 60 } },
  'control-plane': { fault: { kind: 'stall', type: 'ssm:GetParameters', seconds: 5 } },
  platform: { fault: { kind: 'stall', type: 'kubernetes:helm.sh/v3:Release', operation: 'create', seconds: 60 } },
  verify: { fault: { kind: 'stall', type: 'ssm:GetParameters', seconds: 5 }, from: 'platform' },
};

// At a twentieth of the real pace the machines take some seconds to join.
const { portal } = useService({ CLUSTERWRIGHT_SANDBOX_LATENCY: '0.05' });

/** Waits until a job has come to a phase; false when it has passed it, or ended. */
async function comesTo(id: string, phase: PhaseName): Promise<boolean> {
  const order = phasesOf.create;
  for (;;) {
    const job = await portal.job(id);
    const at = order.indexOf(job['phase'] as PhaseName);
    if (job.state !== 'queued' && job['phase'] === phase) return true;
    if (['succeeded', 'failed', 'cancelled'].includes(job.state) || at > order.indexOf(phase)) return false;
    await wait(30);
  }
}

describe('a deletion in the middle of a creation', () => {
  it.each(phasesOf.create)('cancels it in the phase "%s" and leaves nothing', async (phase) => {
    const name = `mid-${phase}`.slice(0, 24);
    const hold = holds[phase];
    if (hold !== undefined && hold.from === undefined) await portal.plantFault(hold.fault);
    const creation = await portal.submit('POST', '/clusters', shortRequest(name));
    if (hold?.from !== undefined && (await comesTo(creation, hold.from))) await portal.plantFault(hold.fault);
    expect(await comesTo(creation, phase)).toBe(true);

    const deletion = await portal.change('DELETE', `/clusters/${name}?cancelRunning=true&retain=none`);

    // What was done before the cancellation took hold counts: a creation can end in its last phase.
    expect(phase === 'verify' ? ['cancelled', 'succeeded'] : ['cancelled']).toContain((await portal.job(creation)).state);
    expect(deletion.error).toBeNull();
    expect(deletion.receipt?.leftovers).toEqual([]);
    expect((await portal.inventory(name)).items).toEqual([]);
    expect((await portal.send('GET', `/clusters/${name}`)).status).toBe(404);
    await portal.clearFaults();
  });
});
