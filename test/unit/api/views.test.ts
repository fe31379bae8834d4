import { describe, expect, it } from 'vitest';
import { clusterView, clusterViewSchema } from '../../../api/views/cluster.js';
import { jobView, jobViewSchema } from '../../../api/views/job.js';
import type { Condition } from '../../../model/cluster.js';
import { jobKinds } from '../../../model/job.js';
import { cluster, job } from './records.js';

const now = new Date('2026-01-01T01:00:00.000Z');

describe('the view of a cluster', () => {
  it('has the fields of the contract and no others', () => {
    const view = clusterView(cluster(), undefined, now);
    expect(clusterViewSchema.parse(view)).toEqual(view);
    expect(Object.keys(view)).toEqual(['name', 'uid', 'state', 'simulated', 'spec', 'version', 'endpoint', 'zones', 'nodes', 'addons', 'createdAt', 'updatedAt', 'lastJob', 'conditions', 'links']);
  });

  it('has empty places for what is not there yet', () => {
    expect(clusterView(cluster({ lastJob: null }), undefined, now)).toMatchObject({
      endpoint: null, nodes: { controlPlane: 0, workers: 0 }, addons: [], lastJob: null, conditions: [],
      links: { self: '/clusters/shop', repair: '/clusters/shop/repair', jobs: '/clusters/shop/jobs', kubeconfig: '/clusters/shop/kubeconfig', lastJob: null },
    });
  });

  it('links a repair while there is no unfinished job', () => {
    expect(clusterView(cluster({ activeJob: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }), undefined, now).links.repair).toBeUndefined();
    expect(clusterView(cluster({ state: 'needs-repair' }), undefined, now).links.repair).toBe('/clusters/shop/repair');
  });

  it('joins the conditions of jobs and of the observer as they count now', () => {
    const condition = (type: Condition['type'], observedAt: string): Condition => ({ type, status: 'True', reason: 'R', message: '', observedAt });
    const old = '2026-01-01T00:00:00.000Z';
    const view = clusterView(
      cluster({ conditions: [condition('DeletionIncomplete', old)] }),
      { conditions: [condition('Reachable', old), condition('NodesReady', now.toISOString())], nodes: { controlPlane: 3, workers: 3 }, addons: [] }, now);
    expect(view.conditions.map(({ type, status }) => [type, status])).toEqual([['DeletionIncomplete', 'True'], ['Reachable', 'Unknown'], ['NodesReady', 'True']]);
  });
});

describe('the view of a job', () => {
  it.each(jobKinds)('of kind %s is as documented', (kind) => {
    const view = jobView(job({ kind }));
    expect(jobViewSchema.parse(view)).toEqual(view);
    expect('plan' in view).toBe(kind === 'preview');
    expect('receipt' in view).toBe(kind === 'delete' || kind === 'cluster-drill');
    for (const hidden of ['spec', 'uid', 'intent', 'requestId']) expect(view).not.toHaveProperty(hidden);
  });

  it.each([
    ['queued', true, false], ['running', true, false], ['cancelling', true, false], ['cancelled', false, true], ['failed', false, true], ['succeeded', false, false],
  ] as const)('that is %s links what can be done', (state, cancel, retry) => {
    const { self, links } = { self: '/jobs/01ARZ3NDEKTSV4RRFFQ69G5FAV', ...jobView(job({ state })) };
    expect(links.cancel).toBe(cancel ? `${self}/cancel` : undefined);
    expect(links.retry).toBe(retry ? `${self}/retry` : undefined);
  });

  it('says since when it is to end, and what it is another try of', () => {
    const cancellation = { requestedAt: now.toISOString(), force: true };
    const retryOf = '01ARZ3NDEKTSV4RRFFQ69G5FAW';
    expect(jobView(job({ cancellation, intent: { change: 'create', retain: 'none', retryOf } }))).toMatchObject({ cancellation, retryOf });
  });
});
