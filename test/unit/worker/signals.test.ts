import { describe, expect, it } from 'vitest';
import type { NodeStep } from '../../../model/rendezvous.js';
import { KubernetesClient, KubernetesError } from '../../../worker/kubernetes/client.js';
import { ClosedWay } from '../../../worker/operation/closed-way.js';
import { NodeWatch } from '../../../worker/operation/node-watch.js';
import { someSpec } from '../../support/records.js';

const at = new Date('2026-11-21T12:00:00Z');
const step = (over: Partial<NodeStep> = {}): NodeStep => ({ node: 'ip-10-20-0-17', role: 'control-plane', pool: null, index: 2, step: 'joined', at: at.toISOString(), message: null, ...over });

describe('a node that has failed', () => {
  const watch = (...steps: NodeStep[]) => new NodeWatch({ cloud: { nodeSteps: () => Promise.resolve(steps) }, report: () => undefined }, at).look();

  it('ends the job with its own words, a control plane under its number', async () => {
    await expect(watch(step({ step: 'failed', message: 'containerd did not start: unit containerd.service entered failed state' }))).rejects.toMatchObject({
      code: 'node-failed', message: 'cp-2 (ip-10-20-0-17): containerd did not start: unit containerd.service entered failed state', resource: 'ip-10-20-0-17',
    });
    await expect(watch(step({ role: 'worker', pool: 'general', index: null, step: 'failed', message: 'no space left' }))).rejects.toMatchObject({ message: 'ip-10-20-0-17 (worker): no space left' });
  });

  it('does not end it when that was before the job', async () => {
    await expect(watch(step({ step: 'failed', at: '2026-11-21T11:59:59Z' }))).resolves.toHaveLength(1);
  });
});

describe('a private endpoint that the worker cannot reach', () => {
  const spec = someSpec('demo');
  const refusal = (code: string | undefined, status?: number) => new KubernetesError('Connect Timeout Error', status, code === undefined ? {} : { cause: Object.assign(new Error('x'), { code }) });
  const codeAfter = (...looks: [KubernetesError, NodeStep[], number][]): string | undefined => {
    const way = new ClosedWay(spec, '10.20.0.10', 300_000);
    try {
      for (const look of looks) way.look(...look);
      return undefined;
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  const timeout = refusal('UND_ERR_CONNECT_TIMEOUT');

  it('is told once nothing has come back for five minutes although the nodes say that it is up', () => {
    expect(codeAfter([timeout, [step()], 0], [timeout, [step()], 299_999])).toBeUndefined();
    expect(codeAfter([timeout, [step()], 0], [timeout, [step()], 300_000])).toBe('cluster-unreachable');
  });

  it('is not told while no control plane is up, or when somebody has answered in between', () => {
    expect(codeAfter([timeout, [step({ step: 'kubeadm' })], 0], [timeout, [step({ step: 'kubeadm' })], 900_000])).toBeUndefined();
    expect(codeAfter([timeout, [step()], 0], [refusal('ECONNREFUSED'), [step()], 200_000], [timeout, [step()], 300_000])).toBeUndefined();
    expect(codeAfter([timeout, [step()], 0], [refusal(undefined, 401), [step()], 200_000], [timeout, [step()], 300_000])).toBeUndefined();
  });

  it('is what the client sees of an address that leads nowhere', async () => {
    // Set apart for documentation, so nobody routes it: https://www.rfc-editor.org/rfc/rfc3849
    const client = new KubernetesClient(spec, { address: '[2001:db8::1]', certificateAuthority: '' }, { certificate: '', key: '', notAfter: at.toISOString() });
    const error = await client.ready().catch((caught: unknown) => caught);
    client.close();

    expect(() => new ClosedWay(spec, '2001:db8::1', 0).look(error as KubernetesError, [step()], 0)).toThrow(expect.objectContaining({ code: 'cluster-unreachable' }) as Error);
  }, 20_000);
});
