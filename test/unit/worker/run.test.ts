import { describe, expect, it } from 'vitest';
import { ClusterwrightError } from '../../../model/errors.js';
import { phaseNames, type PhaseName } from '../../../model/phases.js';
import type { OperationContext, Phase } from '../../../worker/operation/context.js';
import { runPhases } from '../../../worker/operation/run.js';
import { someCluster, someJob } from '../../support/records.js';

/** Runs a creation whose phases do nothing, but for some, and tells what was reported. */
async function creation(own: Partial<Record<PhaseName, Phase['run']>>): Promise<{ told: string[]; error: unknown }> {
  const told: string[] = [];
  const table = Object.fromEntries(phaseNames.map((name) => [name, { limitMs: 60_000, run: own[name] ?? (() => Promise.resolve()), ...(name === 'platform' ? { beginsWith: 'nodes' } : {}) }])) as Record<PhaseName, Phase>;
  const context = {
    job: someJob('create', someCluster('demo').cluster),
    report: (message: { type: string; phase?: string; state?: string }) => void told.push(`${String(message.phase)} ${String(message.state)}`),
  } as unknown as OperationContext;
  const error = await runPhases(context, new AbortController().signal, table).then(() => undefined, (caught: unknown) => caught);
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
