import { describe, expect, it } from 'vitest';
import { hindrance, isIncomplete, upgradesOf, windowsOf } from '../../../console/cluster/standing.js';
import type { Cluster } from '../../../console/shapes.js';
import { kubernetesVersions } from '../../../model/spec.js';

const links = { self: '/clusters/a', jobs: '/clusters/a/jobs', kubeconfig: '/clusters/a/kubeconfig', lastJob: null };
const rested = { ...links, repair: '/clusters/a/repair' };
const endpoint = 'https://api.a.clusterwright.internal:6443';
const last = (kind: 'upgrade' | 'update'): Cluster['lastJob'] => ({ id: 'J', kind, state: 'failed' });
const specOf = (kubernetesVersion: Cluster['spec']['kubernetesVersion']) => ({ kubernetesVersion }) as Cluster['spec'];

describe('what can be begun on a cluster', () => {
  it('is nothing while a job is unfinished, while it is hibernated, and where there never was a control plane', () => {
    expect(hindrance({ state: 'ready', endpoint, links: rested })).toBeUndefined();
    expect(hindrance({ state: 'failed', endpoint, links: rested })).toBeUndefined();
    expect(hindrance({ state: 'updating', endpoint, links })).toContain('not finished');
    expect(hindrance({ state: 'hibernated', endpoint, links: rested })).toContain('hibernated');
    expect(hindrance({ state: 'failed', endpoint: null, links: rested })).toContain('control plane');
  });

  it('is only the same again where a job was left in the middle', () => {
    expect(isIncomplete({ state: 'ready', lastJob: last('update') }, 'rotate')).toBe(false);
    expect(isIncomplete({ state: 'failed', lastJob: last('update') }, 'rotate')).toBe(true);
    expect(isIncomplete({ state: 'failed', lastJob: last('update') }, 'update')).toBe(false);
    expect(isIncomplete({ state: 'needs-repair', lastJob: last('update') }, 'update')).toBe(true);
  });
});

describe('the minors that can be upgraded to', () => {
  it('are the next one, and the own one of an upgrade that was stopped', () => {
    expect(upgradesOf({ state: 'ready', spec: specOf('1.34'), lastJob: null })).toEqual(['1.35', '1.34']);
    expect(upgradesOf({ state: 'failed', spec: specOf('1.35'), lastJob: last('upgrade') })).toEqual(['1.35', '1.36']);
    expect(upgradesOf({ state: 'ready', spec: specOf(kubernetesVersions.at(-1) ?? '1.36'), lastJob: null })).toEqual([kubernetesVersions.at(-1)]);
  });
});

it('tells maintenance windows in words, and none where there is none', () => {
  expect(windowsOf({})).toBeUndefined();
  expect(windowsOf({ maintenance: { windows: [{ days: ['sat', 'sun'], start: '02:00', hours: 4, timeZone: 'Europe/Berlin' }, { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], start: '22:30', hours: 1, timeZone: 'UTC' }] } }))
    .toBe('sat, sun from 02:00 for 4 h (Europe/Berlin); every day from 22:30 for 1 h (UTC)');
});
