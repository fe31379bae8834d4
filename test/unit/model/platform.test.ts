import { describe, expect, it } from 'vitest';
import { dataLostBy, platformSchema, type Capability, type Platform } from '../../../model/platform.js';
import { specOf } from '../../support/infrastructure-input.js';

const all = async (): Promise<Platform> => ({ ...(await specOf('production')).platform, policy: 'kyverno', runtimeSecurity: 'falco', podSizing: 'vertical-pod-autoscaler' });
const lost = (before: Platform, after: Platform): Capability[] => dataLostBy(before, after).map(({ capability }) => capability);

describe('data that a change of the platform loses', () => {
  it('is what lies on volumes or was put into a namespace that goes, and nothing that stays or is made anew', async () => {
    const before = await all();
    const off = platformSchema.parse({ ...Object.fromEntries(Object.keys(before).map((capability) => [capability, 'none'])), cni: before.cni });

    expect(lost(before, off)).toEqual(['certificates', 'monitoring', 'logging', 'gitops', 'tracing']);
    expect(lost(before, before)).toEqual([]);
    expect(lost(off, before)).toEqual([]);
  });

  it('is lost by another choice as well', async () => {
    const before = await all();
    expect(lost(before, { ...before, gitops: before.gitops === 'flux' ? 'argocd' : 'flux' })).toEqual(['gitops']);
  });

  it('is more of OpenSearch, which keeps all logs on its volumes, than of Loki', async () => {
    const before = await all();
    expect(dataLostBy({ ...before, logging: 'opensearch' }, { ...before, logging: 'none' })).toEqual([{ capability: 'logging', data: expect.stringMatching(/^all logs/) as string }]);
    expect(dataLostBy({ ...before, logging: 'loki' }, { ...before, logging: 'opensearch' })).toEqual([{ capability: 'logging', data: expect.stringMatching(/two hours/) as string }]);
  });

  it('is told in words', async () => {
    const before = await all();
    expect(dataLostBy(before, { ...before, tracing: 'none' })).toEqual([{ capability: 'tracing', data: expect.stringMatching(/traces/) as string }]);
  });
});
