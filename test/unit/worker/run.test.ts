import { describe, expect, it } from 'vitest';
import type { DrillReport } from '../../../model/drill.js';
import { ClusterwrightError } from '../../../model/errors.js';
import type { JobRecord } from '../../../model/job.js';
import { phaseNames, type PhaseName } from '../../../model/phases.js';
import type { OperationContext, Phase } from '../../../worker/operation/context.js';
import { runPhases } from '../../../worker/operation/run.js';
import { someCluster, someJob } from '../../support/records.js';

/** Runs a creation whose phases do nothing, but for some, and tells what was reported. */
const creation = (own: Partial<Record<PhaseName, Phase['run']>>) => running(someJob('create', someCluster('demo').cluster), own);

/** The same of any job. */
async function running(job: JobRecord, own: Partial<Record<PhaseName, Phase['run']>>, interrupt = new AbortController()): Promise<{ told: string[]; error: unknown }> {
  const told: string[] = [];
  const table = Object.fromEntries(phaseNames.map((name) => [name, { limitMs: 60_000, run: own[name] ?? (() => Promise.resolve()), ...(name === 'platform' ? { beginsWith: 'nodes' } : {}) }])) as Record<PhaseName, Phase>;
  const context = {
    job,
    report: (message: { type: string; phase?: string; state?: string }) => void told.push(`${String(message.phase)} ${String(message.state)}`),
  } as unknown as OperationContext;
  const error = await runPhases(context, interrupt.signal, table).then(() => undefined, (caught: unknown) => caught);
  return { told, error };
}

/** Ends when it is interrupted only. */
const untilInterrupted: Phase['run'] = (_, signal) => new Promise((_resolve, reject) => {
  signal.addEventListener('abort', () => reject(signal.reason as Error));
});

describe('the phases of an operation', () => {
  it('run one after the other, the platform beside the wait for nodes', async () => {
    const { told, error } = await creation({});
    expect(error).toBeUndefined();
    expect(told).toEqual([
      ...['preflight', 'infrastructure', 'control-plane'].flatMap((name) => [`${name} running`, `${name} succeeded`]),
      'nodes running', 'platform running', 'nodes succeeded', 'platform succeeded', 'verify running', 'verify succeeded',
    ]);
  });

  it.each([['nodes', 'platform'], ['platform', 'nodes']] as const)('end with what made %s fail, and interrupt %s beside it', async (failing, interrupted) => {
    const reason = new ClusterwrightError('node-failed', 'no space left');
    const { told, error } = await creation({ [failing]: () => Promise.reject(reason), [interrupted]: untilInterrupted });
    expect(error).toBe(reason);
    expect(told.slice(-2)).toEqual([`${failing} failed`, `${interrupted} failed`]);
    expect(told).not.toContain('verify running');
  });
});

describe('the phases of a drill of a whole cluster', () => {
  const job = (change: Partial<JobRecord> = {}): JobRecord => ({ ...someJob('cluster-drill', someCluster('drill-1').cluster), ...change });
  const removal = ['drain', 'drop-platform', 'destroy-infrastructure', 'scan'];
  const report: DrillReport = {
    kind: 'drill', of: 'cluster', at: '2026-11-30T04:00:00.000Z', backup: { id: 'velero/nightly', at: '2026-11-30T02:17:00.000Z' }, node: null, cluster: 'drill-1', rpoSeconds: 1, rtoSeconds: 1,
    targets: { rpoSeconds: 2, rtoSeconds: 2 }, finding: null, comparison: null, faults: [],
  };
  const begun = (told: readonly string[]): string[] => told.filter((one) => one.endsWith(' running')).map((one) => one.replace(' running', ''));

  it('make a cluster, restore, compare and take it away', async () => {
    const { told, error } = await running(job(), {});
    expect(error).toBeUndefined();
    expect(begun(told)).toEqual(['preflight', 'infrastructure', 'control-plane', 'nodes', 'platform', 'verify', 'restore-objects', 'compare-objects', ...removal]);
  });

  it.each(['preflight', 'infrastructure', 'platform', 'restore-objects'] as const)('take it away where %s fails, after the drill has heard of it, and end with what that says', async (failing) => {
    const reason = new ClusterwrightError('node-failed', 'no space left');
    const failed = new ClusterwrightError('drill-failed', 'no space left');
    let heard: unknown;
    const { told, error } = await running(job(), { [failing]: () => Promise.reject(reason), 'compare-objects': ({ failure }) => { heard = failure?.error; return Promise.reject(failed); } });
    expect([heard, error]).toEqual([reason, failed]);
    expect(begun(told).slice(begun(told).indexOf(failing)).filter((name) => name !== 'nodes')).toEqual([failing, 'compare-objects', ...removal]);
  });

  it('end with what keeps the cluster from going, whatever came of the drill', async () => {
    const stuck = new ClusterwrightError('deletion-incomplete', 'a disk is left');
    const { told, error } = await running(job(), { 'compare-objects': () => Promise.reject(new ClusterwrightError('drill-failed', 'not all is there')), 'destroy-infrastructure': () => Promise.reject(stuck) });
    expect(error).toBe(stuck);
    expect(told.at(-1)).toBe('destroy-infrastructure failed');
  });

  it('leave it where they are interrupted, and to the next attempt where the engine has died', async () => {
    const interrupt = new AbortController();
    const interrupted = await running(job(), { infrastructure: () => { interrupt.abort(); return Promise.reject(new Error('interrupted')); } }, interrupt);
    expect(interrupted.told.at(-1)).toBe('infrastructure failed');
    const crash = new ClusterwrightError('engine-crashed', 'killed');
    const crashed = (attempt: number) => running(job({ attempt }), { infrastructure: () => Promise.reject(crash), 'compare-objects': () => Promise.reject(crash) });
    expect((await crashed(1)).told.at(-1)).toBe('infrastructure failed');
    expect(begun((await crashed(5)).told)).toEqual(expect.arrayContaining(removal));
  });

  it('only take it away in the next attempt where the result is known, and end with that', async () => {
    const passed = await running(job({ attempt: 2, report }), {});
    expect([begun(passed.told), passed.error]).toEqual([['preflight', ...removal], undefined]);
    const failed = await running(job({ attempt: 2, report: { ...report, faults: ['3 objects are missing.'] } }), {});
    expect([begun(failed.told), failed.error]).toMatchObject([['preflight', ...removal], { code: 'drill-failed', message: 'velero/nightly: 3 objects are missing.' }]);
  });
});
