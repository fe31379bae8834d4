import { describe, expect, it } from 'vitest';
import { beyondSpec, platformVersion, rolloutOf, type Rollout } from '../../../model/rollout.js';

const spec = { kubernetesVersion: '1.35' } as const;
const underWay: Rollout[] = [{ controlPlane: '1.35', pools: '1.34', surge: true }, { controlPlane: '1.35', pools: '1.34', surge: false, inPlace: true }];

describe('a rollout', () => {
  it('has what runs in the cluster follow when all control planes are new, whichever way they come to it', () => {
    expect(underWay.map((rollout) => platformVersion(spec, rollout))).toEqual(['1.34', '1.34']);
    expect(platformVersion(spec, { controlPlane: '1.35', pools: '1.34', surge: false })).toBe('1.35');
    expect(platformVersion(spec, undefined)).toBe('1.35');
  });

  it('stands in the state as long as it says more than the spec', () => {
    for (const rollout of underWay) expect(beyondSpec(spec, rollout)).toEqual(rollout);
    expect(beyondSpec(spec, { controlPlane: '1.35', pools: '1.35', surge: false, inPlace: true })).toBeDefined();
    expect(beyondSpec(spec, rolloutOf({ spec }))).toBeUndefined();
  });
});
