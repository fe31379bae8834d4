import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { readinessReportSchema } from '../../../model/readiness.js';
import { connection, request, startApi, type RunningApi } from './harness.js';
import { previewOf, problemOf, submissionOf } from './schemas.js';

let api: RunningApi;
beforeAll(async () => { api = await startApi(); });
afterAll(() => api.stop());

const to = (kubernetesVersion: unknown) => ({ kubernetesVersion });

/** A cluster in 1.34 whose creation has ended. */
async function made(name: string, connected = true): Promise<{ uid: string }> {
  const { job } = await submissionOf(await api.send('POST', '/clusters', request(name, to('1.34'))));
  await api.finish(job.id, connected ? { change: { connection } } : {});
  return { uid: (await api.store.getCluster(name))?.uid ?? '' };
}

describe('an upgrade', () => {
  it('is a job towards the next minor, which the spec has from then on', async () => {
    await made('aging');
    const { cluster, job } = await submissionOf(await api.send('POST', '/clusters/aging/upgrade', to('1.35')));

    expect(job).toMatchObject({ kind: 'upgrade', state: 'queued' });
    expect(job.phases.map(({ name }) => name)).toEqual(['preflight', 'readiness', 'backup', 'control-plane-rollout', 'platform', 'pool-rollout', 'verify']);
    expect(cluster).toMatchObject({ state: 'updating', spec: { kubernetesVersion: '1.35' } });
    expect(await problemOf(await api.send('POST', '/clusters/aging/upgrade', to('1.36')))).toMatchObject({ status: 409, code: 'operation-in-progress' });
  });

  it('is refused to what is no version, skips a minor or goes back, and may be asked for again where it was stopped', async () => {
    await made('picky');
    for (const version of ['1.99', '1.36', '1.33', 1.35, null]) {
      expect(await problemOf(await api.send('POST', '/clusters/picky/upgrade', to(version)))).toMatchObject({ status: 422, code: 'invalid-body', errors: [{ pointer: '/kubernetesVersion' }] });
    }
    expect(await problemOf(await api.send('PATCH', '/clusters/picky', to('1.35')))).toMatchObject({ status: 422, code: 'immutable-field' });
    expect((await submissionOf(await api.send('POST', '/clusters/picky/upgrade', to('1.34')))).job.kind).toBe('upgrade');
  });

  it('is refused to a cluster that never had a control plane', async () => {
    await made('empty', false);
    expect(await problemOf(await api.send('POST', '/clusters/empty/upgrade', to('1.35')))).toMatchObject({ status: 409, code: 'cluster-not-ready' });
  });

  it('changes nothing as a dry run, and what a job saw can be read', async () => {
    const { uid } = await made('looked-at');
    expect(await (await api.send('GET', '/clusters/looked-at/upgrade-readiness')).json()).toEqual({ kubernetesVersion: null, checks: [], observedAt: null, machineImages: null });

    expect((await previewOf(await api.send('POST', '/clusters/looked-at/upgrade?dryRun=true', to('1.35')))).kind).toBe('preview');
    expect((await api.store.getCluster('looked-at'))?.spec.kubernetesVersion).toBe('1.34');

    const report: z.infer<typeof readinessReportSchema> = { kind: 'upgrade-readiness', at: '2026-11-29T10:00:00.000Z', kubernetesVersion: '1.35', checks: [{ check: 'nodes', state: 'ok', detail: 'All 5 nodes are Ready.', hint: null }] };
    await api.store.report('looked-at', uid, report);
    expect(await (await api.send('GET', '/clusters/looked-at/upgrade-readiness')).json()).toEqual({ kubernetesVersion: '1.35', checks: report.checks, observedAt: report.at, machineImages: null });
  });
});

describe('an upgrade of machines to the current image', () => {
  const current = { machineImages: 'current' };

  it('is a job of the same kind that leaves the spec as it is, and is remembered with what it is about', async () => {
    await made('patched');
    const { cluster, job } = await submissionOf(await api.send('POST', '/clusters/patched/upgrade', current));

    expect(job).toMatchObject({ kind: 'upgrade', state: 'queued' });
    expect(cluster).toMatchObject({ state: 'updating', spec: { kubernetesVersion: '1.34' } });
    expect((await api.store.getJob(job.id))?.intent).toMatchObject({ change: 'upgrade', request: { kind: 'upgrade', machineImages: 'current' } });

    await api.finish(job.id, { state: 'failed' });
    const again = await submissionOf(await api.send('POST', `/jobs/${job.id}/retry`));
    expect((await api.store.getJob(again.job.id))?.intent.request).toEqual({ kind: 'upgrade', machineImages: 'current' });
    await api.finish(again.job.id, { state: 'failed' });
    expect((await submissionOf(await api.send('POST', '/clusters/patched/upgrade', current))).job.kind).toBe('upgrade');
  });

  it('is not asked for with a minor, and one of the two has to be', async () => {
    await made('unsure');
    for (const [body, pointer] of [[{ ...current, ...to('1.35') }, '/machineImages'], [{}, '/kubernetesVersion'], [{ machineImages: 'newest' }, '/machineImages']] as const) {
      expect(await problemOf(await api.send('POST', '/clusters/unsure/upgrade', body))).toMatchObject({ status: 422, code: 'invalid-body', errors: [{ pointer }] });
    }
  });

  it('is nothing in place, which is asked for with a minor', async () => {
    await made('staying');
    for (const [body, pointers] of [[{ inPlace: true }, ['/kubernetesVersion', '/inPlace']], [{ inPlace: true, ...current }, ['/inPlace']], [{ inPlace: true, ...current, ...to('1.35') }, ['/machineImages', '/inPlace']], [{ ...to('1.35'), inPlace: 'yes' }, ['/inPlace']]] as const) {
      expect(await problemOf(await api.send('POST', '/clusters/staying/upgrade', body))).toMatchObject({ status: 422, code: 'invalid-body', errors: pointers.map((pointer) => ({ pointer })) });
    }
    const { cluster, job } = await submissionOf(await api.send('POST', '/clusters/staying/upgrade', { ...to('1.35'), inPlace: true }));
    expect(cluster).toMatchObject({ state: 'updating', spec: { kubernetesVersion: '1.35' } });
    expect((await api.store.getJob(job.id))?.intent).toMatchObject({ change: 'upgrade', request: { kind: 'upgrade', inPlace: true } });

    await api.finish(job.id, { state: 'failed' });
    const again = await submissionOf(await api.send('POST', `/jobs/${job.id}/retry`));
    expect((await api.store.getJob(again.job.id))?.intent.request).toEqual({ kind: 'upgrade', inPlace: true });
    await api.finish(again.job.id, { state: 'failed' });
    // Sent again without it, the rest is replaced.
    const replaced = await submissionOf(await api.send('POST', '/clusters/staying/upgrade', { ...to('1.35'), inPlace: false }));
    expect((await api.store.getJob(replaced.job.id))?.intent.request).toBeUndefined();
  });

  it('waits for what has failed otherwise', async () => {
    await made('broken');
    const { job } = await submissionOf(await api.send('POST', '/clusters/broken/repair'));
    await api.finish(job.id, { state: 'failed' });
    expect(await problemOf(await api.send('POST', '/clusters/broken/upgrade', current))).toMatchObject({ status: 409, code: 'cluster-incomplete' });
  });

  it('is told of beside the readiness, and counted', async () => {
    const { uid } = await made('behind');
    const [old, now] = [{ id: 'ami-1', publishedAt: '2026-09-01T00:00:00.000Z' }, { id: 'ami-2', publishedAt: '2026-11-03T00:00:00.000Z' }];
    const seen = { current: now, kubernetesRelease: '1.34.4', machines: [{ node: 'cp-1', image: old, kubernetesRelease: '1.34.4', behind: true }] };
    const report = (machines: typeof seen.machines) => api.store.report('behind', uid, { kind: 'machine-images', at: '2026-11-29T10:00:00.000Z', ...seen, machines });
    const counted = async () => /^clusterwright_clusters_behind (\d+)$/m.exec(await (await api.send('GET', '/metrics')).text())?.[1];

    await report(seen.machines);
    expect(await (await api.send('GET', '/clusters/behind/upgrade-readiness')).json()).toMatchObject({ checks: [], machineImages: { ...seen, observedAt: '2026-11-29T10:00:00.000Z' } });
    expect(await counted()).toBe('1');
    await report(seen.machines.map((machine) => ({ ...machine, image: now, behind: false })));
    expect(await counted()).toBe('0');
  });
});
